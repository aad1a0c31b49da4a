package ai.flameup.sync.bench;

import java.util.List;
import java.util.Locale;

/** How long something takes, and how much of the machine others take meanwhile: figures of a busy machine mislead. */
final class Stopwatch {
    private final List<Long> ours;
    private final long start = System.nanoTime();
    private final double busy = Proc.busySeconds();
    private final double own;

    /** @param ours the processes that count as ours, with their descendants */
    Stopwatch(List<Long> ours) {
        this.ours = ours;
        this.own = Proc.cpuSecondsOfTrees(ours);
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Cores that others kept busy, on average. */
    double others() {
        double all = Proc.busySeconds() - busy;
        double own = Proc.cpuSecondsOfTrees(ours) - this.own;
        return Math.max(0, all - own) / seconds();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f s, others took %.2f cores meanwhile; load average now %s",
                seconds(),
                others(),
                Proc.load());
    }
}
