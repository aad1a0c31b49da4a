package ai.flameup.sync.job;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When a finite run ends: its marker, written at the start, has been reached, and everything that was requested is done; or
 * there was no progress for too long. A run without an end never catches up. Thread-safe.
 */
final class CatchUp {
    private final JobContext context;
    private final StateStore store;
    private final BooleanSupplier isReread;
    private final Supplier<@Nullable String> pause;
    private final Supplier<@Nullable String> streamTrouble;
    private volatile @Nullable String marker;
    private volatile boolean reached;

    /**
     * @param isReread whether no row waits to be read again
     * @param pause what stops all sending, and until when; null if nothing is known to
     * @param streamTrouble why there is no stream; null if there is one
     */
    CatchUp(
            JobContext context,
            StateStore store,
            BooleanSupplier isReread,
            Supplier<@Nullable String> pause,
            Supplier<@Nullable String> streamTrouble) {
        this.context = context;
        this.store = store;
        this.isReread = isReread;
        this.pause = pause;
        this.streamTrouble = streamTrouble;
    }

    /** Writes the marker of a finite run into the WAL. */
    void start(Markers markers) {
        if (context.options().untilCaughtUp()) {
            String written = markers.newMarker();
            marker = written;
            markers.writeMarker(written);
        }
    }

    /** Everything before the marker is settled. */
    void markerReached(String name) {
        if (name.equals(marker)) {
            context.counters().progressed();
            reached = true;
        }
    }

    /** The position advanced. Past the marker, only heartbeats advance it, even if the rows of a scan are stuck. */
    void positionAdvanced() {
        if (!reached) {
            context.counters().progressed();
        }
    }

    boolean isDone() {
        // In this order, because a search may queue a backfill.
        return reached
                && isReread.getAsBoolean()
                && store.backfills().open().stream().allMatch(backfill -> backfill.state() == Backfill.State.PAUSED)
                && store.deadLetters().openRetries().isEmpty();
    }

    /**
     * Checks that a finite run makes progress.
     *
     * @throws Fault 4 or 3 if it has made none for too long; 75 past its deadline
     */
    void requireProgress() {
        RunOptions options = context.options();
        if (!options.untilCaughtUp()) {
            return;
        }
        RunDeadline deadline = context.deadline();
        if (deadline.sinceProgress(context.counters().progress())
                > options.limits().stall().toNanos()) {
            throw stalled();
        }
        if (deadline.isPastDeadline()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    "Not caught up within the deadline of %s s. The next run resumes from here"
                            .formatted(options.limits().deadline().toSeconds()));
        }
    }

    private Fault stalled() {
        String paused = pause.get();
        if (paused != null) {
            return new Fault(ExitCode.FLAMEUP, "Flameup: %s. The next run resumes from here".formatted(paused));
        }
        String trouble = streamTrouble.get();
        if (trouble != null) {
            return new Fault(ExitCode.POSTGRES, "Postgres: the replication stream could not be restored: " + trouble);
        }
        return new Fault(
                ExitCode.FLAMEUP,
                "Flameup: nothing was delivered for %s s%s. The next run resumes from here"
                        .formatted(context.options().limits().stall().toSeconds(), lastFailure()));
    }

    /** Returns the last failure with its remedy. */
    private String lastFailure() {
        String last = context.counters().lastFailure();
        String why = last == null ? "" : ": " + last;
        return why.contains("; ") ? why : why + "; check flameup.base-url";
    }
}
