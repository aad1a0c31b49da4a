package ai.flameup.sync.job;

import ai.flameup.sync.backfill.FencedTable;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.pipeline.DeliveryGauges;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.resume.TableWatch;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.FenceContext;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.fence.ReadPace;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.stream.ChangeStream;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.status.HeartbeatLag;
import ai.flameup.sync.status.Monitor;
import ai.flameup.sync.status.PipelineProbe;
import ai.flameup.sync.status.StoreSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline at work: stream and scans feed it, the API responds to it, the store records it. A finite run ends by itself
 * once it has caught up; every run ends when it is stopped, and when it cannot continue.
 */
final class Run implements PipelineProbe {
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);
    private static final Duration SERVER_LIMIT = Duration.ofSeconds(3);
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(20);

    private final JobContext context;
    private final Monitor monitor;
    private final RunDeadline deadline;
    private final Database database;
    private final Slot slot;
    private final StateStore store;
    private final RunEnd end = new RunEnd();

    private final Markers markers;
    private final SlotProgress progress;
    private final StateWriter writer;
    private final Delivery delivery;
    private final DeliveredBefore deliveredBefore;
    private final StreamFeed feed;
    private final StreamSupervisor stream;
    private final RowReads reads;
    private final ServerClock clock;
    private final CatchUp catchUp;

    /** @param afterRejections whether the run before halted because too many persons were refused */
    Run(JobContext context, RunSource source, StateStore store, PeopleSender sender, boolean afterRejections) {
        this.context = context;
        this.monitor = context.monitor();
        this.deadline = context.deadline();
        this.database = source.database();
        this.slot = source.slot();
        this.store = store;
        Settings settings = context.settings();
        Table table = source.table();
        // Created first, because this may fail, and nothing needs closing yet.
        Fence fence = Fence.of(database, table, settings.mapping().userId());
        HeartbeatLag heartbeats = monitor.beats();
        this.markers = new Markers(database, heartbeats.token());
        TableWatch tableWatch = new TableWatch(database, settings.mapping(), table, end::restart);
        this.progress = new SlotProgress(slot, store.position().orElseThrow());
        this.writer = new StateWriter(store, COMMIT_INTERVAL, progress::stored, end::fail);
        RunRecords records = new RunRecords(store, writer, progress::stored, context.counters());
        this.delivery = new Delivery(
                settings,
                afterRejections ? settings.pipeline().onProbation() : settings.pipeline(),
                records,
                sender,
                new Ending());
        this.deliveredBefore =
                new DeliveredBefore(database, table, settings.mapping().userId(), store.backfills());
        ReadPace pace = new ReadPace();
        this.reads = new RowReads(
                records,
                deferral -> new FencedTable(
                        database, table, source.mapper(), new FenceContext(fence, markers, deferral, pace)),
                delivery.pipeline(),
                end,
                settings.firstLoad());
        SlotGuard guard = new SlotGuard(database, slot, () -> SlotGuard.Known.of(store), progress::stored, store::gap);
        this.feed = new StreamFeed(
                delivery.pipeline(),
                StreamFeed.Mapping.of(
                        source.mapper(),
                        deliveredBefore,
                        store,
                        delivery.releaseOrder(),
                        settings.pipeline().skipUnchanged()),
                reads,
                heartbeats);
        this.stream = new StreamSupervisor(
                new ChangeStream.Source(database, table, fence, markers, slot),
                new StreamSupervisor.Resumption(guard, progress::stored, tableWatch::check),
                feed,
                end::fail);
        PublicationWatch publication = new PublicationWatch(slot, store, guard, settings);
        this.clock = new ServerClock(
                new ServerClock.Heartbeat(heartbeats, markers, delivery.pipeline()::walWritten),
                guard,
                () -> check(tableWatch, publication),
                stream::trouble,
                end);
        this.catchUp = new CatchUp(context, store, reads::isRereadDone, delivery::pause, stream::trouble);
    }

    private void check(TableWatch table, PublicationWatch publication) {
        if (table.check()) {
            deliveredBefore.refresh();
            publication.check();
        }
    }

    /** A requested resync starts with a new preparation. */
    private void checkForResync() {
        try {
            if (slot.advances() && store.resyncs().open().isPresent()) {
                end.restart();
            }
        } catch (Fault fault) {
            end.fail(fault);
        }
    }

    /**
     * Runs to its end.
     *
     * @return empty if the run has to be prepared again
     */
    Optional<ExitCode> untilEnd() throws InterruptedException {
        if (!monitor.isHalted()) {
            new RunAnnouncement(context, database, store).log(progress.stored());
        }
        monitor.record(StoreSummary.read(store));
        monitor.pipelineStarted(this);
        deliveredBefore.refresh();
        delivery.start();
        stream.start();
        reads.start();
        if (context.options().untilCaughtUp()) {
            // For the check of the next run.
            clock.writeHeartbeat();
            catchUp.start(markers);
        }
        clock.start(this::checkForResync);
        return awaitEnd();
    }

    private Optional<ExitCode> awaitEnd() throws InterruptedException {
        while (true) {
            if (deadline.isStopped()) {
                return Optional.of(deadline.code());
            }
            if (clock.hasFailed()) {
                throw new IllegalStateException("the heartbeat ended, which only a bug can cause");
            }
            if (catchUp.isDone()) {
                return Optional.of(context.counters().hasFailures() ? ExitCode.ATTENTION : ExitCode.DONE);
            }
            if (end.await(CHECK_INTERVAL)) {
                return Optional.empty();
            }
            catchUp.requireProgress();
        }
    }

    private final class Ending implements DeliveryRecorder.RunEvents {
        @Override
        public void positionAdvanced() {
            catchUp.positionAdvanced();
        }

        @Override
        public void toReadStored(long number, RowReads.Kind kind) {
            reads.stored(number, kind);
        }

        @Override
        public void markerReached(String marker) {
            HeartbeatLag heartbeats = monitor.beats();
            if (heartbeats.isOurs(marker)) {
                heartbeats.writtenAt(marker).ifPresent(at -> writer.add(new StateUpdate.HeartbeatSeen(marker, at)));
                heartbeats.markerReached(marker, Instant.now());
            } else {
                catchUp.markerReached(marker);
            }
        }

        @Override
        public void halted(Fault why) {
            end.fail(why);
        }

        @Override
        public void broken(Throwable bug) {
            end.fail(bug);
        }
    }

    @Override
    public void inspect(Consumer<DeliveryGauges> to) {
        delivery.pipeline().inspect(to);
    }

    @Override
    public @Nullable String apiTrouble() {
        return delivery.outage();
    }

    @Override
    public @Nullable String streamTrouble() {
        String trouble = stream.trouble();
        return trouble == null ? clock.trouble() : trouble;
    }

    @Override
    public boolean isStreaming() {
        return stream.isHeard();
    }

    @Override
    public Lsn position() {
        return progress.stored();
    }

    @Override
    public @Nullable Instant readUpTo() {
        return feed.readUpTo();
    }

    /** Stops reading, waits for requests in flight, stores the position and advances the slot. */
    void close() throws InterruptedException {
        deadline.closing(true);
        try {
            stop();
        } finally {
            // What follows has limits of its own.
            deadline.closing(deadline.isGivenUp());
        }
    }

    private void stop() throws InterruptedException {
        clock.stop();
        requireEnd(reads.stop(deadline::isGivenUp, SERVER_LIMIT));
        requireEnd(reads.stopSearch(deadline::isGivenUp, serverLimit()));
        requireEnd(stream.stop(deadline::isGivenUp, serverLimit()));
        delivery.stop(!deadline.isGivenUp() && end.isRestart(), monitor::record);
        monitor.pipelineEnded();
        // A check that is still under way must not reach the store of the next preparation.
        requireEnd(clock.awaitEnd(SERVER_LIMIT) || !deadline.isGivenUp());
        writer.close();
        delivery.close();
        reads.close();
        if (!end.isGap()) {
            advanceSlot();
        }
    }

    private Duration serverLimit() {
        return database.isAborted() ? Duration.ofMillis(1) : SERVER_LIMIT;
    }

    /** Closes the connections of a server that did not respond in time. */
    private void requireEnd(boolean ended) {
        if (!ended && !database.isAborted()) {
            LOG.info("Postgres is not responding: closing its connections. The slot is advanced at the next start");
            database.abort();
        }
    }

    private void advanceSlot() throws InterruptedException {
        if (!slot.advances() || streamTrouble() != null || database.isAborted()) {
            return;
        }
        try {
            requireEnd(AbandonableTask.run("slot", progress::advanceSlot, deadline::isGivenUp, SERVER_LIMIT));
        } catch (Fault unreachable) {
            LOG.info("The slot is advanced at the next start: {}", unreachable.getMessage());
        }
    }
}
