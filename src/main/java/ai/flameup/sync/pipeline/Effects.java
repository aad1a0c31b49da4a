package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What {@link Heart} wants done. What is stored is to be stored in the order of the calls. */
interface Effects {
    /** One attempt is to be made; its outcome goes to {@link Heart#answered}. */
    void send(Heart.Work work);

    void delivered(String userId);

    /**
     * A person is not sent any more.
     *
     * @param userId empty where the row has none
     * @param status 0 where the API was not asked
     */
    void park(String userId, @Nullable RowKey key, int status, String reason, @Nullable String requestId, int attempts);

    /** Everything that committed up to here is settled. */
    void moved(Lsn position);

    /** Everything that the scan brought up to here is settled. */
    void scanned(long scan, @Nullable RowKey upTo, int rows);

    /** Everything that the scan brought is settled. */
    void scanEnded(long scan);

    /** Everything that the stream brought before the marker is settled. */
    void passed(String marker);

    void retrying(int status, Duration wait);

    /** Nothing more is sent. */
    void halted(Outcome.Refused why);
}
