package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.pipeline.DeliveryGauges;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a pipeline at work tells of itself. Thread-safe. */
public interface PipelineProbe {
    /** Has it told, soon and by another thread, what is on its way. */
    void look(Consumer<DeliveryGauges> to);

    /** What is the matter with the API, in an outage; null while there is none. */
    @Nullable
    String apiTrouble();

    /** Why there is no stream at the moment; null while there is one. */
    @Nullable
    String streamTrouble();

    /** Whether the stream has brought something. */
    boolean isStreaming();

    /** Everything before is settled. */
    Lsn position();

    /** When the newest change was committed that the stream has brought, by the server's clock; null where it has none. */
    @Nullable
    Instant readUpTo();
}
