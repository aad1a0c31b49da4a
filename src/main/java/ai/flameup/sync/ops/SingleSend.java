package ai.flameup.sync.ops;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.delivery.Told;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends one person by the single upsert, whatever a run does beside it; neither store nor slot is touched. For one
 * thread.
 *
 * <p>Its request is in no order with those of a run beside it, and may be applied after one that has a newer state. So
 * the row is read again once the answer is there: what a run has sent before that was committed before that, and is seen.
 * Where the row has changed, its newer state is sent, until nothing has changed since the state that was sent last. So an
 * older state never stays for good, unless the newer one is not accepted, which is told.
 */
public final class SingleSend implements AutoCloseable {
    private final CurrentRows rows;
    private final PeopleApi api;
    private final Duration lateFor;
    private final OnDelete onDelete;
    private final String deletedTrait;
    private final Consumer<Attempt> attempts;
    private final CountDownLatch never = new CountDownLatch(1);

    /** One request and its answer. */
    public record Attempt(RowKey key, PersonUpsert person, Told told) {}

    /**
     * Connects, and looks at the table.
     *
     * @param attempts takes each as soon as it has its answer; more than one where the row changes meanwhile
     * @throws Fault 3 if the table cannot be read
     */
    public SingleSend(Settings settings, Consumer<Attempt> attempts) {
        // A person who is known already may have what is null by now, so nulls are sent, as in every later delivery.
        this.rows = CurrentRows.open(settings.postgres(), settings.mapping(), false);
        this.api = new PeopleApi(settings.flameup(), Version.current());
        this.lateFor = settings.flameup().requestTimeout().multipliedBy(2);
        this.onDelete = settings.mapping().onDelete();
        this.deletedTrait = settings.mapping().deletedTrait();
        this.attempts = attempts;
    }

    /**
     * Sends the person as the row is.
     *
     * @return what the last request came to
     * @throws Fault 2 if the user id's column has no such value; 3 if the row cannot be read; 6 if there is none, or
     *     nothing can be sent for it
     */
    public Attempt send(String id) throws InterruptedException {
        Attempt last = attempt(only(id, rows.nextOf(id, null, 1)));
        while (mayBeApplied(last.told().outcome())) {
            if (!(last.told().outcome() instanceof Outcome.Accepted)) {
                // It may be applied until then, after whatever a run sends meanwhile.
                boolean unused = never.await(lateFor.toMillis(), TimeUnit.MILLISECONDS);
            }
            List<MappedRow> now = rows.nextOf(id, null, 1);
            if (now.isEmpty()) {
                return withoutARow(last);
            }
            MappedRow newer = only(id, now);
            if (Arrays.equals(person(newer).json(), last.person().json())) {
                return last;
            }
            last = attempt(newer);
        }
        return last;
    }

    /** A row that is deleted and one whose user id was changed look alike from here: only the stream tells them apart. */
    private Attempt withoutARow(Attempt last) {
        if (onDelete == OnDelete.IGNORE) {
            return last;
        }
        throw new Fault(
                ExitCode.ATTENTION,
                "the row is gone since it was read; where a run has marked the person as deleted meanwhile, what was sent here may have undone it: set %s at Flameup"
                        .formatted(deletedTrait));
    }

    private static boolean mayBeApplied(Outcome outcome) {
        return outcome instanceof Outcome.Accepted
                || (outcome instanceof Outcome.Failed failed && failed.mayBeApplied());
    }

    private MappedRow only(String id, List<MappedRow> found) {
        if (found.isEmpty()) {
            throw new Fault(ExitCode.ATTENTION, "no row has the user id " + id);
        }
        MappedRow row = found.get(0);
        if (!rows.nextOf(id, row.key(), 1).isEmpty()) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "several rows have the user id %s, and none of them tells which is the person's state; `preview --id` shows them"
                            .formatted(id));
        }
        return row;
    }

    private static PersonUpsert person(MappedRow row) {
        if (row.mapped() instanceof Mapped.Upsert upsert) {
            return upsert.person();
        }
        if (row.mapped() instanceof Mapped.Unmappable unmappable) {
            throw new Fault(ExitCode.ATTENTION, "not sent: " + unmappable.reason());
        }
        throw new IllegalStateException("a row that was read is whole");
    }

    private Attempt attempt(MappedRow row) throws InterruptedException {
        PersonUpsert person = person(row);
        CompletableFuture<Told> answer = new CompletableFuture<>();
        // It ends within its own time-out.
        api.tell(person.json(), answer::complete);
        try {
            Attempt attempt = new Attempt(row.key(), person, answer.get());
            attempts.accept(attempt);
            return attempt;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        api.close();
        rows.close();
    }
}
