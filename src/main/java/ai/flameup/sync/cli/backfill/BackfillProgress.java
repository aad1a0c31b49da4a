package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.state.pending.Backfill;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** The progress of a backfill in one line, with the rate since this object was created. Immutable. */
final class BackfillProgress {
    private final OptionalLong rows;
    private final long began = System.nanoTime();

    /** @param rows an estimate of the number of rows; empty if unknown */
    BackfillProgress(OptionalLong rows) {
        this.rows = rows;
    }

    String line(Backfill now) {
        long done = now.tally().rows();
        Long keys = now.keys();
        if (keys == null && rows.isEmpty()) {
            return "Backfill %s: %s rows".formatted(now.id(), done);
        }
        long all = Math.max(done, keys == null ? rows.orElse(done) : keys);
        double seconds = (System.nanoTime() - began) / (double) TimeUnit.SECONDS.toNanos(1);
        long rate = Math.round(done / seconds);
        String left = rate == 0 ? "" : ", %s left".formatted(text(Duration.ofSeconds((all - done + rate - 1) / rate)));
        return "Backfill %s: %s of about %s rows, %s rows/s%s".formatted(now.id(), done, all, rate, left);
    }

    private static String text(Duration left) {
        return left.toHours() > 0
                ? "%s h %s min".formatted(left.toHours(), left.toMinutesPart())
                : left.toMinutes() > 0
                        ? "%s min %s s".formatted(left.toMinutes(), left.toSecondsPart())
                        : "%s s".formatted(left.toSeconds());
    }
}
