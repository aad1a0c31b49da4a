package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.stream.ChangeStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link ChangeStream}, and after a failure the next one from the stored position, once the slot is checked.
 * Changes of a former stream stay valid: the pipeline skips what it receives again. Thread-safe.
 */
final class StreamSupervisor {
    private static final Logger LOG = LoggerFactory.getLogger(StreamSupervisor.class);
    private static final long JOIN_MILLIS = 50;
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long MAX_PAUSE_MILLIS = 15_000;

    private final ChangeStream.Source source;
    private final Resumption resumption;
    private final ChangeStream.Listener listener;
    private final Consumer<Throwable> failed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::superviseUntilStopped, "stream");
    private volatile @Nullable ChangeStream stream;
    private volatile @Nullable String lastTrouble;
    private volatile boolean heard;
    private long pause = FIRST_PAUSE_MILLIS;

    /**
     * Where a stream starts.
     *
     * @param stored as for {@link ChangeStream.Sink}
     * @param unaltered checks the table before each stream; false if the run must be prepared again
     */
    record Resumption(SlotGuard guard, Supplier<Lsn> stored, BooleanSupplier unaltered) {}

    /** @param failed takes what ends the supervision: a {@link Fault}, or a bug */
    StreamSupervisor(
            ChangeStream.Source source,
            Resumption resumption,
            ChangeStream.Listener listener,
            Consumer<Throwable> failed) {
        this.source = source;
        this.resumption = resumption;
        this.listener = listener;
        this.failed = failed;
    }

    void start() {
        thread.start();
    }

    /** Why there is no stream; null if there is one. */
    @Nullable
    String trouble() {
        return lastTrouble;
    }

    /** Whether the stream has delivered something. */
    boolean isHeard() {
        return heard;
    }

    private void superviseUntilStopped() {
        try {
            while (stop.getCount() > 0) {
                long wait = once();
                if (stop.await(wait, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            failed.accept(failure);
        }
    }

    /** Runs one stream to its end. Returns the pause before the next, in milliseconds. */
    private long once() throws InterruptedException {
        try {
            resumption.guard().requireServer();
            source.slot().awaitFree(resumption.stored().get(), stop);
            if (stop.getCount() == 0) {
                return 0;
            }
            resumption.guard().requireWal();
            if (!resumption.unaltered().getAsBoolean()) {
                return FIRST_PAUSE_MILLIS;
            }
            ChangeStream next = new ChangeStream(
                    source, new ChangeStream.Sink(resumption.stored(), resumption.guard()::kept, this::accept));
            stream = next;
            next.run();
            return 0;
        } catch (ChangeStream.StreamFailure e) {
            if (e.isPublicationMissing()) {
                throw publicationMissing();
            }
            if (e.isUnreadable()) {
                throw new Fault(
                        ExitCode.POSTGRES,
                        ("Postgres: the stream contains a value that cannot be decoded (%s), in a mapped column or not. Nothing"
                                        + " is lost, and the position does not advance. values.md lists the known causes;"
                                        + " if none of them applies, please report this bug")
                                .formatted(e.reason()));
            }
            requireReplication();
            return paused(e.reason());
        } catch (Fault fault) {
            requirePassing(fault);
            return paused(String.join("; ", fault.problems()));
        }
    }

    private Fault publicationMissing() {
        Slot slot = source.slot();
        if (slot.inspect().isEmpty()) {
            return slot.gone();
        }
        slot.publication().check(source.table().stored());
        return resumption.guard().kept(slot.publication().missed());
    }

    /**
     * Tests the replication login: its error code shows whether a retry can succeed, while the engine only reports
     * words.
     *
     * @throws Fault 3 if a retry cannot succeed
     */
    private void requireReplication() {
        try {
            source.database().reachForReplication();
        } catch (Fault fault) {
            requirePassing(fault);
        }
    }

    private static void requirePassing(Fault fault) {
        if (!PostgresFailures.isTransient(fault)) {
            throw fault;
        }
    }

    private void accept(List<StreamEvent> events) throws InterruptedException {
        if (lastTrouble != null) {
            LOG.info("Replication stream restored");
            lastTrouble = null;
        }
        heard = true;
        pause = FIRST_PAUSE_MILLIS;
        listener.accept(events);
    }

    private long paused(String why) {
        if (stop.getCount() > 0 && !why.equals(lastTrouble)) {
            LOG.warn("Replication stream lost: {}. Reconnecting", why);
        }
        lastTrouble = why;
        pause = Math.min(MAX_PAUSE_MILLIS, pause * 2);
        return pause;
    }

    /**
     * Stops the stream and waits for its end. If the process must end, the wait for a silent server is limited; the
     * next start reads dropped changes again.
     *
     * @param isGivenUp whether the process must end
     * @param limit of the wait from then on
     * @return whether the stream has ended
     */
    boolean stop(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        return AbandonableTask.run("stream's end", this::stop, isGivenUp, limit);
    }

    private void stop() throws InterruptedException {
        stop.countDown();
        // The thread may be creating a stream, so this repeats until the thread has ended.
        while (thread.isAlive()) {
            ChangeStream current = stream;
            if (current != null) {
                current.stop();
            }
            thread.join(JOIN_MILLIS);
        }
    }
}
