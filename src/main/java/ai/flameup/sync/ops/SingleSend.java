package ai.flameup.sync.ops;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.ResponseDetails;
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
 * Sends one person by the single upsert, even during a run. Uses neither store nor slot. For one thread.
 *
 * <p>Its request has no defined order with those of a run, and may be applied after one with a newer state. So the row
 * is read again after the answer: a state that a run has sent before was committed before, and is visible. If the row
 * has changed, its newer state is sent, until the row equals the state that was sent last. So an older state never
 * remains, unless the newer one is refused, which is reported.
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
    public record Attempt(RowKey key, PersonUpsert person, ResponseDetails told) {}

    /**
     * Connects, and checks the table.
     *
     * @param attempts takes each request after its answer; several if the row changes meanwhile
     * @throws Fault 3 if the table cannot be read
     */
    public SingleSend(Settings settings, Consumer<Attempt> attempts) {
        // Nulls are sent, as in every later delivery, because Flameup may know a value that is null now.
        this.rows = CurrentRows.open(settings.postgres(), settings.mapping(), false);
        this.api = new PeopleApi(settings.flameup(), Version.current());
        this.lateFor = settings.flameup().requestTimeout().multipliedBy(2);
        this.onDelete = settings.mapping().onDelete();
        this.deletedTrait = settings.mapping().deletedTrait();
        this.attempts = attempts;
    }

    /**
     * Sends the person of the current row.
     *
     * @return the last request and its answer
     * @throws Fault 2 if the id is not a value of the column's type; 3 if the row cannot be read; 6 if there is no row,
     *     or it cannot be sent
     */
    public Attempt send(String id) throws InterruptedException {
        Attempt last = attempt(only(id, rows.nextOf(id, null, 1)));
        while (mayBeApplied(last.told().outcome())) {
            if (!(last.told().outcome() instanceof Outcome.Accepted)) {
                // Until then it may be applied, after what a run sends meanwhile.
                boolean unused = never.await(lateFor.toMillis(), TimeUnit.MILLISECONDS);
            }
            List<MappedRow> now = rows.nextOf(id, null, 1);
            if (now.isEmpty()) {
                return withoutRow(last);
            }
            MappedRow newer = only(id, now);
            if (Arrays.equals(person(newer).json(), last.person().json())) {
                return last;
            }
            last = attempt(newer);
        }
        return last;
    }

    /** Only the stream tells a deleted row from one whose user id has changed. */
    private Attempt withoutRow(Attempt last) {
        if (onDelete == OnDelete.IGNORE) {
            return last;
        }
        throw new Fault(
                ExitCode.ATTENTION,
                "the row was deleted after it was read. If a run has marked the person as deleted meanwhile, this request may have undone it: set %s at Flameup"
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
                    "several rows have the user id %s, so the person's state is ambiguous. `preview --id` shows the rows"
                            .formatted(id));
        }
        return row;
    }

    private static PersonUpsert person(MappedRow row) {
        if (row.mapped() instanceof Mapped.Upsert upsert) {
            return upsert.person();
        }
        if (row.mapped().reason() == null) {
            throw new IllegalStateException("a row that was read is whole");
        }
        throw new Fault(ExitCode.ATTENTION, "not sent: " + row.mapped().reason());
    }

    private Attempt attempt(MappedRow row) throws InterruptedException {
        PersonUpsert person = person(row);
        CompletableFuture<ResponseDetails> answer = new CompletableFuture<>();
        // The request has a time-out.
        api.upsertForDetails(person.json(), answer::complete);
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
