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

    private final Database database;
    private final Table table;
    private final Fence fence;
    private final Markers markers;
    private final Slot slot;
    private final SlotGuard guard;
    private final Supplier<Lsn> tellable;
    private final BooleanSupplier unaltered;
    private final ChangeStream.Listener listener;
    private final Consumer<Fault> trouble;
    private final Consumer<Throwable> broken;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::keepGoing, "stream");
    private volatile @Nullable ChangeStream stream;
    private volatile @Nullable String lastTrouble;
    private volatile boolean heard;
    private long pause = FIRST_PAUSE_MILLIS;

    /**
     * @param tellable as for {@link ChangeStream}
     * @param unaltered looks at the table before each stream, so that it begins at the stored position; false where
     *     everything is to be looked at anew
     */
    StreamSupervisor(
            Database database,
            Table table,
            Fence fence,
            Markers markers,
            Slot slot,
            SlotGuard guard,
            Supplier<Lsn> tellable,
            BooleanSupplier unaltered,
            ChangeStream.Listener listener,
            Consumer<Fault> trouble,
            Consumer<Throwable> broken) {
        this.database = database;
        this.table = table;
        this.fence = fence;
        this.markers = markers;
        this.slot = slot;
        this.guard = guard;
        this.tellable = tellable;
        this.unaltered = unaltered;
        this.listener = listener;
        this.trouble = trouble;
        this.broken = broken;
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
        } catch (Fault fault) {
            trouble.accept(fault);
        } catch (RuntimeException bug) {
            broken.accept(bug);
        }
    }

    /** One stream, to its end; the pause before the next, in milliseconds. */
    private long once() throws InterruptedException {
        try {
            guard.demandServer();
            slot.awaitFree(tellable.get(), stop);
            if (stop.getCount() == 0) {
                return 0;
            }
            guard.demandWal();
            if (!unaltered.getAsBoolean()) {
                return FIRST_PAUSE_MILLIS;
            }
            ChangeStream next =
                    new ChangeStream(database, table, fence, markers, new ChangeStream.Sink(tellable, this::accept));
            stream = next;
            next.run();
            return 0;
        } catch (ChangeStream.StreamFailure e) {
            if (e.isPublicationMissing()) {
                if (slot.inspect().isEmpty()) {
                    throw slot.gone();
                }
                slot.publication().check(table.read());
                throw guard.kept(slot.publication().missed());
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

    /**
     * The engine tells only in words why it failed; another login is told by a code whether trying again is of any use.
     *
     * @throws Fault 3 where it is not
     */
    private void demandReplication() {
        try {
            database.reachForReplication();
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
