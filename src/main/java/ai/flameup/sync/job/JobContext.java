package ai.flameup.sync.job;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.status.Counters;
import ai.flameup.sync.status.Monitor;
import org.jspecify.annotations.Nullable;

/**
 * What every part of a job uses, from its start to its end.
 *
 * @param pretended takes the persons instead of the API, and the slot does not move; null for a real run
 */
record JobContext(
        Settings settings,
        RunOptions options,
        RunDeadline deadline,
        Monitor monitor,
        @Nullable PeopleSender pretended) {
    Counters counters() {
        return monitor.counters();
    }

    /** Whether the job delivers, and acknowledges the slot; false for a dry run. */
    boolean isReal() {
        return pretended == null;
    }
}
