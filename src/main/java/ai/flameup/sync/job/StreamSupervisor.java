package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.Markers;
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
 * Keeps a {@link ChangeStream} going: where one fails, the next begins from the stored position, after a look at the
 * slot. What was handed over by the former one stays valid: whoever takes it passes over what comes again.
 */
final class StreamSupervisor {
    private static final Logger LOG = LoggerFactory.getLogger(StreamSupervisor.class);
    private static final long JOIN_MILLIS = 50;
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long MOST_PAUSE_MILLIS = 15_000;

    private final Source source;
    private final Resumption resumption;
    private final ChangeStream.Listener listener;
    private final Consumer<Throwable> failed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::keepGoing, "stream");
    private volatile @Nullable ChangeStream stream;
    private volatile @Nullable String lastTrouble;
    private volatile boolean heard;
    private long pause = FIRST_PAUSE_MILLIS;

    /** What a stream reads. */
    record Source(Database database, Table table, Fence fence, Markers markers, Slot slot) {}

    /**
     * Where a stream starts.
     *
     * @param acknowledgeable as for {@link ChangeStream}
     * @param unaltered checks the table before each stream; false if the run must be prepared again
     */
    record Resumption(SlotGuard guard, Supplier<Lsn> acknowledgeable, BooleanSupplier unaltered) {}

    /** @param failed takes what ends the supervision: a {@link Fault}, or a bug */
    StreamSupervisor(Source source, Resumption resumption, ChangeStream.Listener listener, Consumer<Throwable> failed) {
        this.source = source;
        this.resumption = resumption;
        this.listener = listener;
        this.failed = failed;
    }

    void start() {
        thread.start();
    }

    /** Why there is no stream at the moment; null while there is one. */
    @Nullable
    String trouble() {
        return lastTrouble;
    }

    /** Whether the server has sent something. */
    boolean isHeard() {
        return heard;
    }

    private void keepGoing() {
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

    /** One stream, to its end; the pause before the next, in milliseconds. */
    private long once() throws InterruptedException {
        try {
            resumption.guard().demandServer();
            source.slot().awaitFree(resumption.acknowledgeable().get(), stop);
            if (stop.getCount() == 0) {
                return 0;
            }
            resumption.guard().demandWal();
            if (!resumption.unaltered().getAsBoolean()) {
                return FIRST_PAUSE_MILLIS;
            }
            ChangeStream next = new ChangeStream(
                    source.database(),
                    source.table(),
                    source.fence(),
                    source.markers(),
                    new ChangeStream.Sink(resumption.acknowledgeable(), this::accept));
            stream = next;
            next.run();
            return 0;
        } catch (ChangeStream.StreamFailure e) {
            if (e.isPublicationMissing()) {
                throw publicationMissing();
            }
            if (e.isOfContent()) {
                throw new Fault(
                        ExitCode.POSTGRES,
                        ("Postgres: the stream holds something that cannot be read (%s), of a mapped column or not; nothing is"
                                        + " lost, the position stays. values.md tells what that may be; if it is none of"
                                        + " those, please report it")
                                .formatted(e.reason()));
            }
            demandReplication();
            return paused(e.reason());
        } catch (Fault fault) {
            demandPassing(fault);
            return paused(String.join("; ", fault.problems()));
        }
    }

    private Fault publicationMissing() {
        Slot slot = source.slot();
        if (slot.inspect().isEmpty()) {
            return slot.gone();
        }
        slot.publication().check(source.table().read());
        return resumption.guard().kept(slot.publication().missed());
    }

    /**
     * The engine tells only in words why it failed; another login is told by a code whether trying again is of any use.
     *
     * @throws Fault 3 where it is not
     */
    private void demandReplication() {
        try {
            source.database().reachForReplication();
        } catch (Fault fault) {
            demandPassing(fault);
        }
    }

    private static void demandPassing(Fault fault) {
        if (!PostgresFailures.isPassing(fault)) {
            throw fault;
        }
    }

    private void accept(List<StreamEvent> events) throws InterruptedException {
        if (lastTrouble != null) {
            LOG.info("The stream is back");
            lastTrouble = null;
        }
        heard = true;
        pause = FIRST_PAUSE_MILLIS;
        listener.accept(events);
    }

    private long paused(String why) {
        if (stop.getCount() > 0 && !why.equals(lastTrouble)) {
            LOG.warn("There is no stream: {}; it goes on as soon as the server allows", why);
        }
        lastTrouble = why;
        pause = Math.min(MOST_PAUSE_MILLIS, pause * 2);
        return pause;
    }

    /**
     * Stops the reading and waits for its end. If the process is to end as well, it does not wait long for a server that
     * does not respond: further changes are dropped, and the next start reads them again.
     *
     * @param isGivenUp whether the process is to end
     * @param limit counts from then on
     * @return whether the stream has ended
     */
    boolean stop(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        return AbandonableTask.run("stream's end", this::stop, isGivenUp, limit);
    }

    private void stop() throws InterruptedException {
        stop.countDown();
        // A stream may be on its way into being while this looks, so it looks until there will be none any more.
        while (thread.isAlive()) {
            ChangeStream current = stream;
            if (current != null) {
                current.stop();
            }
            thread.join(JOIN_MILLIS);
        }
    }
}
