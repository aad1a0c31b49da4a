package ai.flameup.sync.observe.http;

import ai.flameup.sync.observe.Sample;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.metrics.Exposition;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a status server shows. Everything here is asked from several threads at once, and has to answer at once.
 *
 * @param status the job at this moment
 * @param history samples of the last hour, the oldest first
 * @param alive whether the pipeline still runs, however little it gets done
 */
public record StatusSource(
        Supplier<Status> status, Supplier<List<Sample>> history, BooleanSupplier alive, Exposition metrics) {}
