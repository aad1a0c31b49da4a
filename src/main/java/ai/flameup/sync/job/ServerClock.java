package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.status.HeartbeatLag;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a heartbeat every few seconds, and checks that the server, the slot, the table and the publication are still those
 * that the run reads. It has a thread of its own.
 */
final class ServerClock {
    private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Heartbeat heartbeat;
    private final SlotGuard guard;
    private final Runnable checks;
    private final Supplier<@Nullable String> streamTrouble;
    private final RunEnd end;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "clock"));
    private volatile @Nullable Future<?> schedule;
    private volatile @Nullable String trouble;

    /**
     * The heartbeats of this process in the WAL.
     *
     * @param written takes the position of each one
     */
    record Heartbeat(HeartbeatLag lag, Markers markers, Consumer<Lsn> written) {
        String start() {
            return lag.next(Instant.now());
        }

        void write(String name) {
            markers.writeHeartbeat(name, at -> {
                lag.written(name, at);
                written.accept(at);
            });
        }
    }

    /**
     * @param checks further checks, which throw a {@link Fault}
     * @param streamTrouble why there is no stream, which then reports the outage itself; null if there is one
     */
    ServerClock(
            Heartbeat heartbeat,
            SlotGuard guard,
            Runnable checks,
            Supplier<@Nullable String> streamTrouble,
            RunEnd end) {
        this.heartbeat = heartbeat;
        this.guard = guard;
        this.checks = checks;
        this.streamTrouble = streamTrouble;
        this.end = end;
    }

    /** @param everySecond what else runs on this thread; must not throw */
    void start(Runnable everySecond) {
        Future<?> unused = clock.scheduleWithFixedDelay(everySecond, 1, 1, TimeUnit.SECONDS);
        schedule = clock.scheduleWithFixedDelay(this::writeHeartbeat, 1, INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    /** Whether a bug has ended the heartbeats. */
    boolean hasFailed() {
        Future<?> beats = schedule;
        return beats != null && beats.isDone();
    }

    /** Why the server could not be checked, even if the stream does not know it yet; null if it could. From any thread. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** Writes one heartbeat and makes the checks. */
    void writeHeartbeat() {
        try {
            // The lag counts from here, so that a server that does not respond shows as a lag.
            String name = heartbeat.start();
            guard.requireSlot();
            heartbeat.write(name);
            checks.run();
            if (trouble != null) {
                LOG.info("Postgres is responding again");
                trouble = null;
            }
        } catch (Fault fault) {
            // A gap must not be hidden by the end of the run: the slot is not advanced then.
            if (clock.isShutdown() && fault.exitCode() != ExitCode.GAP) {
                LOG.debug("No heartbeat, because the run is ending: {}", fault.getMessage());
            } else if (PostgresFailures.isTransient(fault)) {
                if (trouble == null && streamTrouble.get() == null) {
                    LOG.warn("{}. Checking again every few seconds", fault.getMessage());
                }
                trouble = fault.getMessage();
            } else {
                end.fail(fault);
            }
        }
    }

    void stop() {
        clock.shutdownNow();
    }

    /** Returns whether a check that was under way has ended within the time. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        return clock.awaitTermination(time.toMillis(), TimeUnit.MILLISECONDS);
    }
}
