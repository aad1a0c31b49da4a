package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.pipeline.DeliveryGauges;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a running pipeline reports of itself. Thread-safe. */
public interface PipelineProbe {
    /** Requests a report, which another thread delivers soon. */
    void inspect(Consumer<DeliveryGauges> to);

    /** Why the API is unavailable; null if it is available. */
    @Nullable
    String apiTrouble();

    /** Why there is no replication stream; null if there is one. */
    @Nullable
    String streamTrouble();

    /** Whether the stream has delivered something. */
    boolean isStreaming();

    /** The position up to which everything is settled. */
    Lsn position();

    /**
     * When the newest change of the stream was committed, by the server's clock; null if the stream has delivered none.
     */
    @Nullable
    Instant readUpTo();
}
