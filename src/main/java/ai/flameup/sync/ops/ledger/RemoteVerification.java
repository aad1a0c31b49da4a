package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.ops.CurrentRows;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import ai.flameup.sync.state.StateStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares rows with what the API returns, so that it also sees edits that were made in Flameup. Reads the table in short
 * transactions and with bounded memory, also during a run, and the API within its budget. Sends no person and changes nothing. For
 * one thread; {@link #stop} and the progress may be called from any thread.
 */
public final class RemoteVerification {
    /** Bounds the memory of a sample. */
    public static final int MAX_SAMPLE = 100_000;

    private final Settings settings;
    private final StopSignal stop = new StopSignal();
    private final AtomicLong requests = new AtomicLong();
    private final RemoteTally tally = new RemoteTally();

    public RemoteVerification(Settings settings) {
        this.settings = settings;
    }

    /** The number of comparisons so far. */
    public long compared() {
        return tally.compared();
    }

    /** The number of requests so far. */
    public long requests() {
        return requests.get();
    }

    /** Ends {@link #run} soon. */
    public void stop() {
        stop.set();
    }

    /**
     * Compares. To be called once.
     *
     * @param sample how many random rows are compared, 1 to {@link #MAX_SAMPLE}; empty for every row and every person of the API
     * @throws ai.flameup.sync.fault.Fault 3 if the table cannot be read; 4 if the API fails repeatedly; 5 if it refuses the token, the
     *     permission or the workspace; 8 if there is a store that cannot be read; 75 when stopped
     */
    public RemoteReport run(OptionalInt sample) throws InterruptedException {
        RequestPacer pacer =
                new RequestPacer(settings.pipeline().maxRequestsPerMinute(), System::nanoTime, new Random());
        try (CurrentRows table = CurrentRows.open(settings.postgres(), settings.mapping(), false);
                PeopleApi api = new PeopleApi(settings.flameup(), Version.current())) {
            RemotePeople people = new RemotePeople(api, pacer, stop, requests);
            OptionalLong unknown = OptionalLong.empty();
            if (sample.isPresent()) {
                compareSample(table, people, sample.getAsInt());
            } else {
                unknown = OptionalLong.of(compareAll(table, people));
            }
            boolean behind = tally.isAnyAgain() && isBehind(table);
            // Rows may have been changed or delivered since they were compared.
            for (String userId : tally.takeAgain()) {
                RemotePerson person = people.find(userId).orElse(null);
                tally.compareAgain(row(table, userId), person);
            }
            return new RemoteReport(tally.rows(), tally.examples(), unknown, requests.get(), behind);
        }
    }

    private void compareSample(CurrentRows table, RemotePeople people, int size) throws InterruptedException {
        RowSample sample = new RowSample(size, new Random());
        forEachRow(table, sample::offer);
        for (String userId : sample.ids()) {
            RemotePerson person = people.find(userId).orElse(null);
            PersonUpsert row = row(table, userId);
            if (row != null) {
                tally.compare(row, person);
            }
        }
    }

    /** Returns the number of persons without a row. */
    private long compareAll(CurrentRows table, RemotePeople people) throws InterruptedException {
        UnlistedRows unlisted = new UnlistedRows();
        RemoteList list = new RemoteList(people);
        long unknown = 0;
        for (List<RemotePerson> page = list.next(); page != null; page = list.next()) {
            unknown += page.size() - compare(page, table, unlisted);
        }
        long listed = tally.compared();
        long rows = forEachRow(table, unlisted::inTable);
        if (unlisted.isAny()) {
            forEachRow(table, userId -> {
                if (unlisted.mayHave(userId)) {
                    tally.missing(userId);
                }
            });
            tally.limitMissing(rows - listed);
        }
        return unknown;
    }

    /** Returns the number of persons with a row. */
    private int compare(List<RemotePerson> page, CurrentRows table, UnlistedRows unlisted) {
        Map<String, RemotePerson> persons = new LinkedHashMap<>();
        for (RemotePerson person : page) {
            String userId = person.userId();
            if (userId != null) {
                persons.putIfAbsent(userId, person);
            }
        }
        int[] found = {0};
        table.find(persons.keySet(), row -> {
            tally.compare(row, persons.get(row.userId()));
            unlisted.inList(row.userId());
            found[0]++;
        });
        return found[0];
    }

    /** Passes on the user id of every row that is a person, and returns their number. */
    private long forEachRow(CurrentRows table, Consumer<String> userIds) {
        long count = 0;
        List<KeyedRow> page = table.read(null);
        while (!page.isEmpty()) {
            stop.requireUnset();
            for (KeyedRow row : page) {
                if (table.mapped(row) instanceof Mapped.Upsert upsert) {
                    userIds.accept(upsert.person().userId());
                    count++;
                }
            }
            page = table.read(page.get(page.size() - 1).key());
        }
        return count;
    }

    private static @Nullable PersonUpsert row(CurrentRows table, String userId) {
        List<PersonUpsert> rows = new ArrayList<>(1);
        table.find(List.of(userId), rows::add);
        return rows.isEmpty() ? null : rows.get(0);
    }

    /** Waits for the active run, if there is one. */
    private boolean isBehind(CurrentRows table) throws InterruptedException {
        if (!StateStore.isAt(settings.stateDirectory())) {
            return false;
        }
        try (StateStore store = StateStore.openShared(settings.stateDirectory())) {
            boolean isSettled =
                    new RunProgress(settings.stateDirectory(), stop).awaitIfActive(store, table.walPosition());
            return !isSettled || !store.pending().isNothing();
        }
    }
}
