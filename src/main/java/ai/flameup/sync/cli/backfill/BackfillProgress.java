package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.Backfill;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows how far a backfill has come, from a thread of its own: a bar on a terminal, elsewhere a line every ten seconds.
 */
final class BackfillProgress implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackfillProgress.class);
    private static final long TERMINAL_SECONDS = 1;
    private static final long LINE_SECONDS = 10;

    private final long id;
    private final OptionalLong rows;
    private final PrintWriter out;
    private final Supplier<Backfill> look;
    private final @Nullable ProgressBar bar;
    private final long began = System.nanoTime();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "progress"));

    /**
     * @param rows how many there are, roughly; empty if that is unknown
     * @param look called on the thread that shows it
     */
    BackfillProgress(long id, OptionalLong rows, PrintWriter out, Supplier<Backfill> look) {
        this.id = id;
        this.rows = rows;
        this.out = out;
        this.look = look;
        this.bar = Terminal.isPresent()
                ? new ProgressBarBuilder()
                        .setTaskName("Backfill " + id)
                        .setInitialMax(rows.orElse(-1))
                        .setUnit(" rows", 1)
                        .showSpeed()
                        .setStyle(ProgressBarStyle.ASCII)
                        .setConsumer(new ConsoleProgressBarConsumer(System.out))
                        .build()
                : null;
    }

    void start() {
        long every = bar == null ? LINE_SECONDS : TERMINAL_SECONDS;
        // It ends with the executor, and there is nothing to wait for.
        Future<?> unused = thread.scheduleWithFixedDelay(this::show, every, every, TimeUnit.SECONDS);
    }

    private void show() {
        try {
            Backfill now = look.get();
            long done = now.tally().rows();
            long all = Math.max(done, now.keys() == null ? rows.orElse(done) : now.keys());
            boolean known = rows.isPresent() || now.keys() != null;
            if (bar == null) {
                out.println("Backfill %s: %s".formatted(id, known ? line(done, all) : "%s rows".formatted(done)));
            } else {
                bar.maxHint(known ? all : -1);
                bar.stepTo(done);
            }
        } catch (Fault passing) {
            // Whoever does the work tells what is wrong with the store.
            LOG.debug("No progress to be told", passing);
        }
    }

    private String line(long done, long all) {
        double seconds = (System.nanoTime() - began) / (double) TimeUnit.SECONDS.toNanos(1);
        long rate = Math.round(done / seconds);
        String left = rate == 0 ? "" : ", %s left".formatted(words(Duration.ofSeconds((all - done + rate - 1) / rate)));
        return "%s of about %s rows, %s rows/s%s".formatted(done, all, rate, left);
    }

    private static String words(Duration left) {
        return left.toHours() > 0
                ? "%s h %s min".formatted(left.toHours(), left.toMinutesPart())
                : left.toMinutes() > 0
                        ? "%s min %s s".formatted(left.toMinutes(), left.toSecondsPart())
                        : "%s s".formatted(left.toSeconds());
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LINE_SECONDS, TimeUnit.SECONDS)) {
                LOG.debug("Still looking at the store");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (bar != null) {
            show();
            bar.close();
        }
    }
}
