package ai.flameup.sync.job;

import ai.flameup.sync.backfill.KeyRange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.pipeline.Action;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stores the progress of what rows are read for. For the pipeline's thread. */
final class ScanRecorder {
    private final StateWriter writer;
    /** Of chunks after which a scan has not advanced, because some of their rows are read again. */
    private final Map<Long, Backfill.Tally> unstored = new HashMap<>();

    ScanRecorder(StateWriter writer) {
        this.writer = writer;
    }

    void advance(Action.AdvanceScan chunk) {
        RowKey upTo = chunk.upTo();
        if (chunk.scan() > KeyLookup.NO_SCAN) {
            advanceBackfill(chunk, upTo);
        } else if (upTo != null && chunk.scan() < KeyLookup.NO_SCAN) {
            writer.add(settled(chunk.scan(), KeyRange.of(upTo)));
        }
    }

    private static StateUpdate settled(long scan, KeyRange keys) {
        if (scan == KeyLookup.REREAD) {
            return new StateUpdate.RereadDone(keys.from(), keys.to());
        }
        return scan == KeyLookup.DEFERRED_CHANGES
                ? new StateUpdate.DeferredChangesSent(keys.from(), keys.to())
                : new StateUpdate.DeferredDeletesSent(keys.from(), keys.to());
    }

    private void advanceBackfill(Action.AdvanceScan chunk, @Nullable RowKey upTo) {
        Action.Unsent unsent = chunk.unsent();
        Backfill.Tally tally = unstored.getOrDefault(chunk.scan(), Backfill.Tally.NONE)
                .plus(new Backfill.Tally(
                        (long) chunk.rows() + chunk.overtaken(),
                        (long) chunk.rows() - unsent.parked() - unsent.unchanged(),
                        unsent.unchanged(),
                        unsent.parked()));
        if (upTo == null) {
            unstored.put(chunk.scan(), tally);
        } else {
            unstored.remove(chunk.scan());
            // At once, so that a killed process has to read little again.
            writer.addUrgent(List.of(new StateUpdate.Progress(chunk.scan(), upTo, tally)), () -> {});
        }
    }
}
