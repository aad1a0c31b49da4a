package ai.flameup.sync.observe.http;

import ai.flameup.sync.observe.Sample;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.metrics.Exposition;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a status server shows. All functions are called by several threads, and must not block.
 *
 * @param status the current status of the job
 * @param history samples of the last hour, the oldest first
 * @param alive whether the pipeline is running, with or without progress
 */
public record StatusSource(
        Supplier<Status> status, Supplier<List<Sample>> history, BooleanSupplier alive, Exposition metrics) {}
