package ai.flameup.sync.state.pending;

import ai.flameup.sync.state.sqlite.StoreConnection;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * The dead letters of a {@code StateStore}, and the requests to retry them. Thread-safe, and for several processes, as
 * the store is; throws what the store throws.
 */
public final class DeadLetters {
    /** Bounds a transaction over any number of letters, because the job's writer waits for it. */
    private static final int MAX_PER_TRANSACTION = 1_000;

    private final StoreConnection connection;
    private final RetryTable retries;
    private final DeadLetterTable table;

    public DeadLetters(StoreConnection connection) {
        this.connection = connection;
        this.retries = new RetryTable(connection.statements());
        this.table = new DeadLetterTable(connection.statements(), retries);
    }

    public long count() {
        return connection.read(table::count);
    }

    /** The number of letters for each status that any of them has. Statuses without an answer are those of {@link DeadLetter.Refusal}. */
    public SortedMap<Integer, Long> byStatus() {
        return connection.read(table::byStatus);
    }

    /**
     * A page of them, ordered by id, which is the order in which their persons were first parked.
     *
     * @param afterId the last id of the previous page; 0 for the first page
     */
    public List<DeadLetter> page(long afterId, int limit) {
        return connection.read(() -> table.page(afterId, limit));
    }

    public Optional<DeadLetter> one(long id) {
        return connection.read(() -> table.one(id));
    }

    /**
     * Deletes dead letters. A retry that includes them counts them as gone.
     *
     * @return how many there were
     */
    public long discard(Collection<Long> ids) {
        return connection.write(() -> table.discard(Set.copyOf(ids)));
    }

    /** As {@link #discard}, for all letters that exist when it is called. If the process is killed, some may remain. */
    public long discardAll() {
        long[] discarded = {0};
        forEachPage(ids -> discarded[0] += discard(ids));
        return discarded[0];
    }

    /**
     * Requests that dead letters are sent again, from their rows as they are by then; a running job does it. A letter of
     * an earlier retry moves to this one. A letter without a row key cannot be sent again: it is counted as requested and
     * refused, and does not change. Ids without a letter are not counted.
     *
     * @param by user@host
     */
    public Retry requestRetry(Collection<Long> ids, String by) {
        return connection.write(() -> table.addToRetry(table.newRetry(by).id(), Set.copyOf(ids)));
    }

    /**
     * As {@link #requestRetry}, for all letters that exist when it is called. If the process is killed, the retry may have
     * some of them only.
     */
    public Retry requestRetryAll(String by) {
        Retry[] retry = {requestRetry(List.of(), by)};
        forEachPage(ids -> retry[0] = connection.write(() -> table.addToRetry(retry[0].id(), Set.copyOf(ids))));
        return retry[0];
    }

    private void forEachPage(Consumer<List<Long>> consumer) {
        long last = connection.read(table::newestId);
        long after = 0;
        for (List<Long> ids = ids(after, last); !ids.isEmpty(); ids = ids(after, last)) {
            consumer.accept(ids);
            after = ids.get(ids.size() - 1);
        }
    }

    private List<Long> ids(long after, long last) {
        return connection.read(() -> table.ids(after, last, MAX_PER_TRANSACTION));
    }

    /** Empty if there is none, and for an automatic retry that ended before a later one began. */
    public Optional<Retry> retry(long id) {
        return connection.read(() -> retries.one(id));
    }

    /** The retry that includes a letter, if there is one. */
    public Optional<Retry> retryOf(long letterId) {
        return connection.read(() -> retries.ofLetter(letterId));
    }

    /**
     * The retries that have not ended, oldest first. It reads only those, however many letters there are, so it may be
     * called every second.
     */
    public List<Retry> openRetries() {
        return connection.read(retries::open);
    }

    /**
     * A page of the letters of all open retries, ordered by id. Each has a row key. A letter stays among them until its
     * person is delivered or parked, or an update says that the row is gone.
     *
     * @param afterLetterId the last id of the previous page; 0 for the first page
     */
    public List<DeadLetter> nextUnderRetry(long afterLetterId, int limit) {
        return connection.read(() -> table.pageUnderRetry(afterLetterId, limit));
    }
}
