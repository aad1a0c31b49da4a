package ai.flameup.sync.status;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why a job is halted. Immutable.
 *
 * @param needsDelivery whether only a delivered person shows that the cause is fixed
 * @param delivered the number of delivered persons when it halted
 */
record Halt(StatusInputs.Trouble trouble, boolean needsDelivery, long delivered) {
    static Halt of(Fault fault, long delivered) {
        ExitCode code = fault.exitCode();
        return new Halt(Remedies.trouble(fault), code == ExitCode.REFUSED || code == ExitCode.REJECTED, delivered);
    }

    /** The end of a run that was stopped while halted: the next one needs the operator as well. */
    StatusInputs.Trouble stopped() {
        return trouble.and("the run was stopped while halted");
    }

    /**
     * Whether work shows that the cause is fixed. A restart alone does not.
     *
     * @param nowDelivered the number of delivered persons
     * @param beat when a heartbeat last arrived; null if none has
     * @param followedAt when the pipeline started
     */
    boolean isFixed(long nowDelivered, @Nullable Instant beat, Instant followedAt, PipelineProbe run) {
        return nowDelivered > delivered
                || (!needsDelivery && ((beat != null && beat.isAfter(followedAt)) || run.isStreaming()));
    }
}
