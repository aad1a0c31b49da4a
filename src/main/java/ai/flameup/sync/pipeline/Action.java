package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.delivery.answer.Outcome;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the delivery state machine wants done. Actions are performed in their order, and what they store is stored in that
 * order: a position then never comes before what it covers.
 */
public sealed interface Action {
    Action COUNT_SUPERSEDED = new CountSuperseded();
    Action COUNT_REPEATED = new CountRepeated();
    Action STORE_NOW = new StoreNow();
    Action REPORT_RECOVERY = new ReportRecovery();
    Action REPORT_DEFERRED_SENT = new ReportDeferredSent();

    /**
     * Make one attempt; its end is an {@link Event.Answered}. The traces have to outlive the process before the request
     * leaves it.
     *
     * @param request larger than the number of every request before
     * @param upserts at least one; no two of them share a person or an address
     */
    record Send(long request, boolean batch, List<Upsert> upserts) implements Action {}

    /** One person in a request. */
    record Upsert(PersonUpsert person, RequestTrace trace) {}

    /**
     * Drop the traces of the request, or keep them for a later process.
     *
     * @param fate what became of it
     */
    record EndRequest(long request, Fate fate) implements Action {}

    /**
     * Drop the traces that earlier processes left of a person, because the store has a later answer.
     *
     * @param person as in {@link RequestTrace}
     */
    record DropTraces(long person) implements Action {}

    /** Whether an ended request may have been applied. */
    enum Fate {
        /** The store has what the answer has shown, or nothing was applied. */
        KNOWN,
        /** It may have been applied, and will not be later. Its trace is kept until the position has passed its states. */
        UNCLEAR,
        /** It may still be applied. Its trace is kept for as long as it may, and until the position has passed its states. */
        LATE
    }

    /**
     * Store the person's ledger entry; confirmed by {@link Event.EntriesStored}.
     *
     * @param number larger than the number of every entry before
     */
    record StoreEntry(long number, String userId, LedgerEntry entry) implements Action {}

    /** Store the entries so far without delay, because an upsert waits for them. */
    record StoreNow() implements Action {}

    /**
     * Store the key of a row that has to be read again at once: a change did not carry all of it, or takes an address whose
     * holder has deferred changes.
     *
     * @param number larger than that of every {@link Reread}, {@link Search} and {@link Defer} before, at least 1
     */
    record Reread(long number, RowKey key) implements Action {}

    /**
     * Store a change of a watched table: the rows that it concerns have to be found and read.
     *
     * @param number as in {@link Reread}
     */
    record Search(long number, WatchedChange change) implements Action {}

    /**
     * Store the key of a row in place of a change that is not sent: the row is read later, and sent as it is by then. Settles
     * nothing in the store before the position passes the change.
     *
     * @param number as in {@link Reread}
     * @param key of the row; null for a delete
     * @param deleted null for a change that leaves the row
     */
    record Defer(
            long number, @Nullable RowKey key, @Nullable Deleted deleted) implements Action {}

    /**
     * A deferred delete: the person is marked as deleted later, unless it has a row by then.
     *
     * @param age the time since the delete was committed, as far as is known
     */
    record Deleted(String userId, Duration age) {}

    /** Drop the deferred change of the row, and the deferred delete of the user, because a newer change, at the position, is about to be sent. */
    record DropDeferred(Position position, RowKey key, String userId) implements Action {}

    /** Report that changes are deferred from now on. */
    record ReportDeferring(DeferralCause cause) implements Action {}

    /** Why changes are deferred. */
    enum DeferralCause {
        /** One transaction has more changes than can wait. */
        TRANSACTION,
        /** The changes would wait for too long. */
        WAIT,
        /** The slot retains too much WAL for them. */
        RETAINED_WAL
    }

    /** Report that no change is deferred any more. */
    record ReportDeferredSent() implements Action {}

    /** Store that the row has another primary key from this position on. */
    record ChangeKey(Position position, RowKey from, RowKey to) implements Action {}

    /**
     * Store that a state of the person was accepted.
     *
     * @param whole whether no mapped trait was left out
     */
    record Delivered(String userId, boolean whole) implements Action {}

    /**
     * Store that the API has a state of the person already, so that it is not sent.
     *
     * @param whole whether no mapped trait was left out
     */
    record Unchanged(String userId, boolean whole) implements Action {}

    /**
     * Store a dead letter.
     *
     * @param userId empty if the row has none
     * @param why with status 0 if the API was not asked or did not answer
     */
    record Park(String userId, @Nullable RowKey key, Outcome.Rejected why, int attempts) implements Action {}

    /** Store the position: everything that committed before it is settled. */
    record AdvancePosition(Lsn position) implements Action {}

    /**
     * Store how far the scan is settled.
     *
     * @param upTo null: no further than before
     * @param rows that were to be sent
     * @param overtaken rows that the stream had newer states of
     * @param unsent how many of the rows were not accepted by a request
     */
    record AdvanceScan(long scan, @Nullable RowKey upTo, int rows, int overtaken, Unsent unsent) implements Action {}

    /**
     * Rows that no request has delivered.
     *
     * @param parked dead letters now
     * @param unchanged the API has their states
     */
    record Unsent(int parked, int unchanged) {}

    /** Store that everything the scan read is settled. */
    record EndScan(long scan) implements Action {}

    /** Report that everything before the marker is settled. */
    record ReportMarker(String marker) implements Action {}

    /** Count a waiting state that was superseded, which saves a call. */
    record CountSuperseded() implements Action {}

    /** Count a change that the stream has repeated, and that the API has accepted before. */
    record CountRepeated() implements Action {}

    /** Report that the person takes an address that another person holds and no pending state releases. */
    record ReportAddressConflict(String userId, String holder) implements Action {}

    /** Report that a person is retried. */
    record ReportRetry(int status, Duration delay) implements Action {}

    /** Report a long pause: nothing is sent, because the budget is spent or the API asked for it. */
    record ReportPause(Duration delay, DeliveryGauges.PauseCause cause) implements Action {}

    /**
     * Store the API's budget.
     *
     * @param requests in a window, at least 1
     */
    record StoreBudget(long requests, Duration window) implements Action {}

    /**
     * Report that the headers of the budget are not understood; emitted once.
     *
     * @param headers in one line
     */
    record ReportUnreadableBudget(String headers) implements Action {}

    /**
     * Report that the batch call is no longer used; emitted once.
     *
     * @param reason the end of a sentence, without values of any person
     */
    record ReportBatchesAbandoned(String reason) implements Action {}

    /** Report an outage: no request is answered, and single probes are sent until one is. */
    record ReportOutage(int status, String reason) implements Action {}

    /** Report the end of the outage. */
    record ReportRecovery() implements Action {}

    /** Halt: the API refuses every request. Nothing more is sent. */
    record HaltRefused(Outcome.Refused why) implements Action {}

    /**
     * Halt: too many persons are refused as they are, or too many rows cannot be sent. Nothing more is sent or parked.
     *
     * @param last with status 0 if the API was not asked
     */
    record HaltTooManyRejected(Outcome.Rejected last) implements Action {}
}
