package ai.flameup.sync.state.update;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import ai.flameup.sync.state.update.StateUpdate.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Updates that are committed together, without those that later ones replace. Immutable.
 *
 * @param updates without any {@link PositionAdvanced}
 * @param moved the newest; null if there is none
 */
public record UpdateBatch(
        List<StateUpdate> updates, @Nullable PositionAdvanced moved) {

    /**
     * @throws IllegalStateException if a position moves backwards
     */
    public static UpdateBatch of(List<StateUpdate> added) {
        Map<Long, Progress> progress = new LinkedHashMap<>();
        List<StateUpdate> others = new ArrayList<>();
        PositionAdvanced moved = null;
        for (StateUpdate update : added) {
            if (update instanceof PositionAdvanced next) {
                moved = later(moved, next);
            } else if (update instanceof Progress next) {
                progress.merge(
                        next.backfillId(),
                        next,
                        (a, b) -> new Progress(
                                b.backfillId(), b.lastKey(), a.more().plus(b.more())));
            } else {
                others.add(update);
            }
        }
        List<StateUpdate> updates = new ArrayList<>(progress.values());
        updates.addAll(others);
        return new UpdateBatch(List.copyOf(updates), moved);
    }

    /** All updates, with the position at the end. */
    public List<StateUpdate> whole() {
        if (moved == null) {
            return updates;
        }
        List<StateUpdate> whole = new ArrayList<>(updates);
        whole.add(moved);
        return whole;
    }

    @Nullable
    public Lsn position() {
        return moved == null ? null : moved.position();
    }

    private static PositionAdvanced later(@Nullable PositionAdvanced before, PositionAdvanced next) {
        if (before != null && before.position().isAfter(next.position())) {
            throw new IllegalStateException(
                    "the position would move backwards, from " + before.position() + " to " + next.position());
        }
        return next;
    }
}
