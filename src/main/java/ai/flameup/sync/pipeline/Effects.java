package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What {@link Heart} wants done. What is stored is to be stored in the order of the calls. */
interface Effects {
    /** One attempt is to be made; its answer goes to {@link Heart#answered}. */
    void send(Request request);

    /** To be stored, in the order of the calls; then {@link Heart#stored} is to be called. */
    void holds(Backlog.Holding holding);

    /** The row is to be read again, because a change could not carry all of it. */
    void defer(RowKey key);

    /** A row has another primary key from this position on. */
    void rekeyed(Position position, RowKey from, RowKey to);

    /**
     * A state of the person was accepted.
     *
     * @param whole whether no mapped trait was left out
     */
    void delivered(String userId, boolean whole);

    /**
     * A person is not sent any more.
     *
     * @param userId empty where the row has none
     * @param status 0 where the API was not asked, or did not answer
     */
    void park(String userId, @Nullable RowKey key, int status, String reason, @Nullable String requestId, int attempts);

    /** Everything that committed up to here is settled. */
    void moved(Lsn position);

    /**
     * Everything that the scan brought up to here is settled.
     *
     * @param upTo null: no further than before
     * @param rows that were to be sent
     * @param overtaken rows of which the stream brought newer states
     * @param parked how many of the rows are dead letters
     */
    void scanned(long scan, @Nullable RowKey upTo, int rows, int overtaken, int parked);

    /** Everything that the scan brought is settled. */
    void scanEnded(long scan);

    /** Everything that the stream brought before the marker is settled. */
    void passed(String marker);

    /** A waiting state was replaced by a newer one. */
    void replaced();

    /** The person takes an address that another still holds, with nothing on the way to release it. */
    void emailHeld(String userId, String holder);

    void retrying(int status, Duration wait);

    /** The API has asked for a long pause, or its budget is spent: nothing is sent for so long. */
    void paused(Duration wait);

    /**
     * The API's budget is known, or another than before.
     *
     * @param requests in a window, at least 1
     */
    void budget(long requests, Duration window);

    /**
     * The budget that the API tells of is not understood.
     *
     * @param headers as they came, in one line
     */
    void budgetNotUnderstood(String headers);

    /**
     * The batch call is not used any more.
     *
     * @param reason a sentence without values of any person
     */
    void batchesGivenUp(String reason);

    /** Nobody is answered any more; from now on one request at a time finds out when that is over. */
    void outage(int status, String reason);

    void outageOver();

    /** Nothing more is sent: the API refuses everybody. */
    void halted(Outcome.Refused why);

    /**
     * Nothing more is sent or parked: the API refuses too many persons as they are, or too many rows cannot be sent.
     *
     * @param last with status 0 if the API was not asked
     */
    void haltedByRejections(Outcome.Rejected last);
}
