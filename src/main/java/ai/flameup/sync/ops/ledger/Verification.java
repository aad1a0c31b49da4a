package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.CurrentRows;
import ai.flameup.sync.ops.ledger.LedgerComparison.Result;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerReader;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Compares every row with what was delivered last, and every delivered person with its row. Reads the table in one pass, in
 * short transactions and with bounded memory, also during a run. Sends and changes nothing. For one thread; {@link #stop} may
 * be called from any thread.
 */
public final class Verification {
    /** Rows that differ are compared again once a run has had time to deliver them. */
    private static final int MAX_COMPARED_AGAIN = 1_000;

    private static final int PAGES_AHEAD = 2;
    /** Larger than a page of rows, because only ids are in memory. */
    private static final int PERSONS_AT_ONCE = 10_000;

    private final Settings settings;
    private final Path directory;
    private final StopSignal stop = new StopSignal();
    private final Map<Result, LongAdder> counts = new EnumMap<>(Result.class);
    /** The first rows that differ. */
    private final List<Suspect> suspects = new ArrayList<>();

    private final AtomicLong rows = new AtomicLong();

    private record Suspect(RowKey key, Result result) {}

    /**
     * What was found.
     *
     * @param gone delivered persons without a row, who are not marked as deleted
     * @param behind whether changes were committed that the sidecar has not settled yet, so that a difference may be on its way
     */
    public record Report(Rows counts, long gone, long deadLetters, boolean behind) {
        public long rows() {
            return counts.same + counts.different + counts.missing + counts.unmappable + counts.outside;
        }

        /** Whether rows differ from what Flameup has. */
        public boolean isDifferent() {
            return counts.different + counts.missing > 0;
        }
    }

    /**
     * Numbers of rows.
     *
     * @param different Flameup has accepted another state last, or it is not clear what it has
     * @param missing Flameup has accepted nothing of the person
     * @param unmappable without a user id, or without the value of an expression
     * @param outside which do not meet the mapping's condition
     */
    public record Rows(long same, long different, long missing, long unmappable, long outside) {}

    public Verification(Settings settings) {
        this.settings = settings;
        this.directory = settings.stateDirectory();
        for (Result result : Result.values()) {
            counts.put(result, new LongAdder());
        }
    }

    /** The number of rows that are compared. From any thread. */
    public long progress() {
        return rows.get();
    }

    /** Ends {@link #run} soon. */
    public void stop() {
        stop.set();
    }

    /**
     * Compares everything.
     *
     * @param gone takes the ids of delivered persons without a row, one by one
     * @throws Fault 2 or 7 if there is no store, or it belongs to another source or destination; 3 if the table cannot be read; 8
     *     if the store cannot; 75 when stopped
     */
    public Report run(Consumer<String> gone) throws InterruptedException {
        try (StateStore store = StateStore.openShared(directory);
                CurrentRows table = CurrentRows.of(settings, store);
                LedgerComparison comparison = new LedgerComparison(store, table.mapper())) {
            compareRows(table, comparison);
            Lsn end = table.walPosition();
            boolean isSettled = new RunProgress(directory, stop).awaitIfActive(store, end);
            boolean behind = !isSettled || !store.pending().isNothing();
            compareAgain(table, comparison);
            long goneCount = compareLedger(table, comparison, gone);
            return new Report(
                    new Rows(
                            count(Result.SAME).sum(),
                            count(Result.DIFFERENT).sum(),
                            count(Result.MISSING).sum(),
                            count(Result.UNMAPPABLE).sum(),
                            count(Result.OUTSIDE).sum()),
                    goneCount,
                    store.deadLetters().count(),
                    behind);
        }
    }

    /** Reads ahead while a page is compared. */
    private void compareRows(CurrentRows table, LedgerComparison comparison) {
        ExecutorService reader = Executors.newSingleThreadExecutor(task -> new Thread(task, "read-rows"));
        try {
            CompletableFuture<List<KeyedRow>> newest = CompletableFuture.supplyAsync(() -> table.read(null), reader);
            Deque<CompletableFuture<List<KeyedRow>>> ahead = new ArrayDeque<>(List.of(newest));
            while (true) {
                while (ahead.size() <= PAGES_AHEAD) {
                    newest = newest.thenApplyAsync(page -> after(page, table), reader);
                    ahead.add(newest);
                }
                List<KeyedRow> page = ahead.remove().join();
                if (page.isEmpty()) {
                    return;
                }
                comparison.ledger().inOneSnapshot(() -> page.forEach(row -> compare(row, table, comparison)));
                rows.addAndGet(page.size());
                stop.requireUnset();
            }
        } catch (CompletionException e) {
            if (e.getCause() instanceof Fault fault) {
                throw fault;
            }
            throw e;
        } finally {
            reader.shutdownNow();
        }
    }

    private static List<KeyedRow> after(List<KeyedRow> page, CurrentRows table) {
        return page.isEmpty() ? page : table.read(page.get(page.size() - 1).key());
    }

    private void compare(KeyedRow row, CurrentRows table, LedgerComparison comparison) {
        Result result = comparison.ofNext(table.mapped(row));
        count(result).increment();
        boolean differs = result == Result.DIFFERENT || result == Result.MISSING;
        if (differs && suspects.size() < MAX_COMPARED_AGAIN) {
            suspects.add(new Suspect(row.key(), result));
        }
    }

    private LongAdder count(Result result) {
        return Objects.requireNonNull(counts.get(result));
    }

    /** Rows may have been changed or delivered since they were read. */
    private void compareAgain(CurrentRows table, LedgerComparison comparison) {
        for (Suspect suspect : suspects) {
            stop.requireUnset();
            List<KeyedRow> now = table.ofKeys(List.of(suspect.key));
            count(suspect.result).decrement();
            now.forEach(row -> count(comparison.of(table.mapped(row))).increment());
        }
    }

    private long compareLedger(CurrentRows table, LedgerComparison comparison, Consumer<String> gone) {
        SeenPersons persons = comparison.persons();
        forEachPage(comparison.ledger(), page -> page.forEach(person -> persons.inOther(person.userId())));
        if (!persons.isAnyDifferent()) {
            return 0;
        }
        long[] count = {0};
        forEachPage(comparison.ledger(), page -> {
            List<String> candidates = page.stream()
                    .filter(person -> persons.mayDiffer(person.userId()) && !comparison.isMarked(person))
                    .map(LedgerReader.Known::userId)
                    .toList();
            List<String> absent = candidates.isEmpty() ? candidates : table.absent(candidates);
            count[0] += absent.size();
            absent.forEach(gone);
        });
        return count[0];
    }

    private void forEachPage(LedgerReader ledger, Consumer<List<LedgerReader.Known>> consumer) {
        List<LedgerReader.Known> page = ledger.page(null, PERSONS_AT_ONCE);
        while (!page.isEmpty()) {
            stop.requireUnset();
            consumer.accept(page);
            page = ledger.page(page.get(page.size() - 1).userId(), PERSONS_AT_ONCE);
        }
    }
}
