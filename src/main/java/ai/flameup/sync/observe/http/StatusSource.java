package ai.flameup.sync.observe.http;

import ai.flameup.sync.observe.History;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.metrics.Exposition;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a status server shows. All functions are called by several threads, and must not block.
 *
 * @param status the current status of the job
 * @param history the last hour and the last events
 * @param alive whether the pipeline is running, with or without progress
 * @param home the directory of the installation, whose documents are served; null if it is unknown
 */
public record StatusSource(
        Supplier<Status> status,
        Supplier<History> history,
        BooleanSupplier alive,
        Exposition metrics,
        @Nullable Path home) {}
