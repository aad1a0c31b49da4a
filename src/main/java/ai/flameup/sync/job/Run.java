package ai.flameup.sync.job;

import ai.flameup.sync.backfill.BackfillReader;
import ai.flameup.sync.backfill.FencedTable;
import ai.flameup.sync.backfill.KeySweeper;
import ai.flameup.sync.backfill.ReadScheduler;
import ai.flameup.sync.backfill.RereadReader;
import ai.flameup.sync.backfill.RetryReader;
import ai.flameup.sync.backfill.SendForecast;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.pipeline.DeliveryGauges;
import ai.flameup.sync.pipeline.Event;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.pipeline.RequestSender;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.resume.TableWatch;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.TableVersion;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.FenceContext;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.InFlightFile;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateUpdate;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.status.Counters;
import ai.flameup.sync.status.Monitor;
import ai.flameup.sync.status.PipelineProbe;
import ai.flameup.sync.status.StoreSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline at work: stream and scans feed it, the API answers it, the store records it. Ends by itself when caught
 * up (a finite run), else when stopped or when it cannot go on.
 */
final class Run implements PipelineProbe {
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);
    static final Duration DRAIN = Duration.ofSeconds(5);
    private static final Duration SERVER_LIMIT = Duration.ofSeconds(3);
    private static final Duration AT_ONCE = Duration.ofMillis(1);
    private static final Duration COMMIT_EVERY = Duration.ofMillis(100);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);
    private static final Duration BEAT = Duration.ofSeconds(5);
    /** No publication is this one. */
    private static final String MISSED = "changes were missed";

    private final Settings settings;
    private final RunOptions options;
    private final Database database;
    private final Mapper mapper;
    private final Slot slot;
    private final SlotGuard guard;
    private final StateStore store;
    private final Counters counters;
    private final Monitor monitor;
    private final RunDeadline patience;
    private final CountDownLatch stop;

    private final Markers markers;
    /** Which publication it was at the last look, as text. Only for the clock's thread. */
    private String publication;

    private volatile Lsn committed;
    private final TableWatch tableWatch;
    private final StateWriter writer;
    private final StoredAddresses addresses;
    private final StoredInFlight unanswered;
    private final DeliveryRecorder recording;
    private final Pipeline pipeline;
    private final RetryReader retrying;
    private final RereadReader rereading;
    private final DeliveredBefore deliveredBefore;
    private final StreamSupervisor streaming;
    private final BackfillReader backfilling;
    private final ReadScheduler scanning;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "clock"));

    /** How it ends; empty where everything is to be looked at anew. */
    private final CompletableFuture<Optional<ExitCode>> end = new CompletableFuture<>();

    private final Set<Long> firstLoads;
    private volatile boolean passed;
    /** Whether the slot is, as far as we know, the one that was read from. */
    private boolean ours = true;

    /** Why the server could not be asked, though the stream may not know it yet; null where it could. */
    private volatile @Nullable String serverTrouble;

    private volatile @Nullable String marker;
    private volatile @Nullable Instant readUpTo;

    Run(
            Settings settings,
            RunOptions options,
            boolean rejected,
            Database database,
            Table table,
            TableVersion seen,
            Mapper mapper,
            StateStore store,
            Slot slot,
            PeopleSender sender,
            Counters counters,
            Monitor monitor,
            RunDeadline patience) {
        this.settings = settings;
        this.options = options;
        this.database = database;
        this.mapper = mapper;
        this.store = store;
        this.slot = slot;
        this.counters = counters;
        this.monitor = monitor;
        this.patience = patience;
        this.stop = patience.stop();
        this.guard = new SlotGuard(database, slot, () -> SlotGuard.Known.of(store), () -> committed, store::gap);
        this.markers = new Markers(database, monitor.beats().token());
        this.publication = store.publication().orElseThrow();
        this.committed = store.position().orElseThrow();
        this.tableWatch =
                new TableWatch(database, slot, store, new TableWatch.Reading(settings.mapping(), table), seen);
        this.writer = new StateWriter(store, COMMIT_EVERY, this::committed, end::completeExceptionally);
        this.addresses = new StoredAddresses(store);
        this.unanswered = new StoredInFlight(
                new InFlightFile(settings.stateDirectory(), settings.pipeline().lateFor()));
        this.recording =
                new DeliveryRecorder(writer, new RequestSender(sender, unanswered), counters, committed, new Ending());
        this.pipeline = new Pipeline(
                rejected ? settings.pipeline().onProbation() : settings.pipeline(), addresses, new Random(), recording);
        this.deliveredBefore =
                new DeliveredBefore(database, table, settings.mapping().userId(), store.backfills());
        Fence fence = Fence.of(database);
        FenceContext fencing = new FenceContext(fence, markers, this::deferred);
        this.retrying =
                new RetryReader(store, writer, new KeyLookup(KeyLookup.NO_SCAN, database, table, fencing), pipeline);
        this.rereading = new RereadReader(store, writer, new KeyLookup(KeyLookup.DEFERRED, database, table, fencing));
        this.streaming = new StreamSupervisor(
                new StreamSupervisor.Source(database, table, fence, markers, slot),
                new StreamSupervisor.Resumption(guard, this::tellable, this::isUnaltered),
                this::feed,
                end::completeExceptionally);
        this.backfilling = new BackfillReader(
                store.backfills(), writer, new FencedTable(database, table, fencing), pipeline, counters);
        this.scanning = new ReadScheduler(
                pipeline::awaitFenceRoom,
                List.of(
                        new ReadScheduler.Cause("Reading rows again", rereading::next),
                        new ReadScheduler.Cause("The retry of dead letters", retrying::next),
                        new ReadScheduler.Cause("The backfill", backfilling::next),
                        new ReadScheduler.Cause("The deletion of keys", new KeySweeper(store.backfills())::next)),
                end::completeExceptionally);
        this.firstLoads = store.backfills().open().stream()
                .filter(one -> one.kind() == Backfill.Kind.FIRST_LOAD)
                .map(Backfill::id)
                .collect(Collectors.toSet());
    }

    /** What the slot may be told of. */
    private void committed(Lsn position) {
        if (slot.advances()) {
            committed = position;
        }
    }

    /** A row was changed again and again while it was read. */
    private void deferred(RowKey key) {
        writer.add(new StateUpdate.Deferred(key));
        askToRead();
    }

    private void askToRead() {
        rereading.ask();
        scanning.ask();
    }

    private Lsn tellable() {
        Lsn stored = committed;
        Lsn seen = tableWatch.upTo();
        return stored.isAfter(seen) ? seen : stored;
    }

    /**
     * Runs to its end.
     *
     * @return empty where everything is to be looked at anew
     */
    Optional<ExitCode> untilEnd() throws InterruptedException {
        if (!monitor.isHalted()) {
            announce();
        }
        // Or it would be in step until the first look.
        monitor.saw(StoreSummary.look(store));
        monitor.follow(this);
        deliveredBefore.look();
        pipeline.start(unanswered.left());
        streaming.start();
        scanning.start();
        if (options.untilCaughtUp()) {
            // A short run is to leave a witness as well.
            beat();
            String passing = markers.passing();
            marker = passing;
            markers.writePassing(passing);
        }
        Future<?> unused = clock.scheduleWithFixedDelay(this::lookForResync, 1, 1, TimeUnit.SECONDS);
        return awaitEnd(clock.scheduleWithFixedDelay(this::beat, 1, BEAT.toSeconds(), TimeUnit.SECONDS));
    }

    private Optional<ExitCode> awaitEnd(Future<?> heartbeat) throws InterruptedException {
        while (true) {
            if (stop.getCount() == 0) {
                return Optional.of(options.untilCaughtUp() ? ExitCode.TRY_LATER : ExitCode.DONE);
            }
            if (heartbeat.isDone()) {
                throw new IllegalStateException("the heartbeat ended, which only a fault of the program does");
            }
            if (isCaughtUp()) {
                return Optional.of(
                        counters.parked() + counters.backfillsFailed() > 0 ? ExitCode.ATTENTION : ExitCode.DONE);
            }
            try {
                return end.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (options.untilCaughtUp()) {
                    giveUp(patience.sinceProgress(counters.progress()));
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Fault fault) {
                    ours = fault.exitCode() != ExitCode.GAP;
                    throw fault;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** Everything before the marker is settled, and so is everything that was asked for. */
    private boolean isCaughtUp() {
        return options.untilCaughtUp()
                && passed
                && store.backfills().open().stream().allMatch(one -> one.state() == Backfill.State.PAUSED)
                && store.deadLetters().openRetries().isEmpty()
                && rereading.isDone();
    }

    private void giveUp(long sinceProgress) {
        if (sinceProgress > options.limits().stall().toNanos()) {
            Instant paused = recording.pausedUntil();
            if (paused != null) {
                throw new Fault(
                        ExitCode.FLAMEUP,
                        "Flameup: its budget is spent, or it has asked for a pause, until %s; the next run resumes from here"
                                .formatted(paused));
            }
            String trouble = streaming.trouble();
            throw trouble == null
                    ? new Fault(
                            ExitCode.FLAMEUP,
                            "Flameup: nothing was delivered for %s s%s, and try again: the next run resumes from here"
                                    .formatted(options.limits().stall().toSeconds(), lastFailure()))
                    : new Fault(ExitCode.POSTGRES, "Postgres: the stream does not come back: " + trouble);
        }
        if (patience.isPastDeadline()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    "Not caught up within the deadline of %s s; the next run resumes from here"
                            .formatted(options.limits().deadline().toSeconds()));
        }
    }

    /** With what helps. */
    private String lastFailure() {
        String last = counters.lastFailure();
        String why = last == null ? "" : ": " + last;
        return why.contains("; ") ? why : why + "; check flameup.base-url";
    }

    /** What is begun; not again each minute where it is only looked whether a halted run can go on. */
    private void announce() {
        if (store.backfills().open().stream().anyMatch(one -> one.kind().isNeeded())) {
            announceLoad();
        }
        LOG.info(
                "{} {} → workspace {} at {}, from {}",
                options.untilCaughtUp() ? "Catching up" : "Following",
                settings.postgres().tableName(),
                settings.flameup().workspace(),
                settings.flameup().baseUrl(),
                committed);
    }

    private void announceLoad() {
        OptionalLong estimate = Scan.estimate(database);
        if (estimate.isEmpty()) {
            LOG.info(
                    "Loading the rows of {} into workspace {}: their number is unknown, because another session has locked the table",
                    settings.postgres().tableName(),
                    settings.flameup().workspace());
            return;
        }
        long rows = estimate.getAsLong();
        monitor.people(rows);
        SendForecast forecast =
                new SendForecast(rows, SendForecast.requestsPerMinute(store.allowance(), settings.pipeline()));
        LOG.info(
                "Loading about {} rows of {} into workspace {}: at {} requests a minute about {} one by one, {} in batches;"
                        + " less if the API allows more",
                rows,
                settings.postgres().tableName(),
                settings.flameup().workspace(),
                forecast.requestsPerMinute(),
                words(forecast.minutes(forecast.singly())),
                words(forecast.minutes(forecast.inBatches())));
    }

    private static String words(long minutes) {
        return minutes == 1 ? "1 minute" : minutes + " minutes";
    }

    /** Called by the stream's thread. */
    private void feed(List<StreamEvent> events) throws InterruptedException {
        List<Event> inputs = new ArrayList<>(events.size());
        long now = System.currentTimeMillis();
        for (StreamEvent event : events) {
            if (event instanceof StreamEvent.Changed changed) {
                Instant committed = committedHere(changed);
                if (committed != null) {
                    readUpTo = committed;
                }
                inputs.add(new Event.Change(
                        changed.change().position(),
                        mapper.map(changed.change(), deliveredBefore::of),
                        changed.change().key(),
                        committed == null ? 0 : Math.max(0, now - committed.toEpochMilli())));
            } else if (event instanceof StreamEvent.Rekeyed rekeyed) {
                inputs.add(new Event.KeyChanged(rekeyed.position(), rekeyed.from(), rekeyed.to()));
            } else if (event instanceof StreamEvent.Reached reached) {
                inputs.add(new Event.CommitReached(reached.commit()));
            } else if (event instanceof StreamEvent.Passed passing) {
                inputs.add(new Event.Marker(passing.marker(), passing.beat()));
            } else if (event instanceof StreamEvent.Fenced fenced) {
                boolean first = firstLoads.contains(fenced.scan());
                List<MappedRow> rows = fenced.rows().stream()
                        .map(row -> new MappedRow(row.key(), mapper.map(row.row(), first)))
                        .toList();
                if (fenced.scan() == KeyLookup.NO_SCAN) {
                    retrying.mapped(rows);
                }
                inputs.addAll(Event.chunk(fenced.scan(), rows, fenced.overtaken(), fenced.progress()));
            }
        }
        pipeline.accept(inputs);
    }

    /**
     * When it was committed at this server; null if that is not known, because a relayed change bears another server's time.
     * What comes behind a heartbeat was committed after it.
     */
    private @Nullable Instant committedHere(StreamEvent.Changed changed) {
        if (changed.relayed()) {
            return null;
        }
        Instant told = changed.change().committedAt();
        Instant beat = monitor.beats().passedWrittenAt();
        return beat != null && told.isBefore(beat) ? beat : told;
    }

    private void beat() {
        try {
            // Counted from here on, so that a server that does not answer shows as a lag.
            String beat = monitor.beats().next(Instant.now());
            guard.demandSlot();
            markers.beat(beat, at -> monitor.beats().written(beat, at));
            if (isUnaltered()) {
                deliveredBefore.look();
                watchPublication();
            }
            if (serverTrouble != null) {
                LOG.info("Postgres answers again");
                serverTrouble = null;
            }
        } catch (Fault fault) {
            if (clock.isShutdown()) {
                LOG.debug("No heartbeat, because the run is ending: {}", fault.getMessage());
            } else if (PostgresFailures.isPassing(fault)) {
                if (serverTrouble == null && streaming.trouble() == null) {
                    LOG.warn("{}; asking again every few seconds", fault.getMessage());
                }
                serverTrouble = fault.getMessage();
            } else {
                end.completeExceptionally(fault);
            }
        }
    }

    private boolean isUnaltered() {
        boolean unaltered = tableWatch.look();
        if (!unaltered) {
            end.complete(Optional.empty());
        }
        return unaltered;
    }

    private void watchPublication() {
        try {
            String now = slot.publication().watch(publication).text();
            if (!now.equals(publication)) {
                store.publication(now);
                publication = now;
            }
        } catch (Fault fault) {
            if (fault.exitCode() == ExitCode.GAP) {
                // It may look right again by the next look, and what was missed stays missed.
                store.publication(MISSED);
            }
            throw fault;
        }
    }

    /** One that was asked for beside us is begun by whoever has started this run. */
    private void lookForResync() {
        try {
            if (slot.advances() && store.resyncs().open().isPresent()) {
                end.complete(Optional.empty());
            }
        } catch (Fault fault) {
            end.completeExceptionally(fault);
        }
    }

    private final class Ending implements DeliveryRecorder.Ends {
        /** Behind the marker only our own heartbeats move it, however stuck the rows of a scan are. */
        @Override
        public void moved() {
            if (!passed) {
                counters.progressed();
            }
        }

        @Override
        public void deferred() {
            askToRead();
        }

        @Override
        public void passed(String passing) {
            if (monitor.beats().isOurs(passing)) {
                monitor.beats().writtenAt(passing).ifPresent(at -> writer.add(new StateUpdate.Witness(passing, at)));
                monitor.beats().passed(passing, Instant.now());
                return;
            }
            if (passing.equals(marker)) {
                counters.progressed();
                passed = true;
            }
        }

        @Override
        public void halted(Fault why) {
            end.completeExceptionally(why);
        }

        @Override
        public void broken(Throwable bug) {
            end.completeExceptionally(bug);
        }
    }

    @Override
    public void look(Consumer<DeliveryGauges> to) {
        pipeline.inspect(to);
    }

    @Override
    public @Nullable String apiTrouble() {
        return recording.outage();
    }

    @Override
    public @Nullable String streamTrouble() {
        String trouble = streaming.trouble();
        return trouble == null ? serverTrouble : trouble;
    }

    @Override
    public boolean isStreaming() {
        return streaming.isHeard();
    }

    @Override
    public Lsn position() {
        return committed;
    }

    @Override
    public @Nullable Instant readUpTo() {
        return readUpTo;
    }

    private boolean isToBeginAnew() {
        return !end.isCompletedExceptionally()
                && end.getNow(Optional.of(ExitCode.DONE)).isEmpty();
    }

    /** Closes the connections of a server that did not respond in time. */
    private void demandEnd(boolean ended) {
        if (!ended && !database.isAborted()) {
            LOG.info("Postgres is not responding: closing its connections. The slot is advanced at the next start");
            database.abort();
        }
    }

    /** Stops reading, waits for what is in flight, stores the position and tells the slot. */
    void close() throws InterruptedException {
        patience.closing(true);
        try {
            end();
        } finally {
            // What follows waits for others than the server, and has limits of its own.
            patience.closing(patience.isGivenUp());
        }
    }

    private void end() throws InterruptedException {
        clock.shutdownNow();
        tableWatch.close();
        demandEnd(scanning.stop(patience::isGivenUp, SERVER_LIMIT));
        demandEnd(AbandonableTask.run(
                "search", backfilling::close, patience::isGivenUp, database.isAborted() ? AT_ONCE : SERVER_LIMIT));
        demandEnd(streaming.stop(patience::isGivenUp, database.isAborted() ? AT_ONCE : SERVER_LIMIT));
        if (!patience.isGivenUp() && isToBeginAnew()) {
            pipeline.settle(DRAIN);
        }
        // What is told last is to be what is left.
        pipeline.inspect(monitor::told);
        pipeline.drain(DRAIN);
        pipeline.stop();
        monitor.unfollow();
        // A look that is still under way must not be told to the store of whoever begins anew.
        demandEnd(clock.awaitTermination(SERVER_LIMIT.toMillis(), TimeUnit.MILLISECONDS) || !patience.isGivenUp());
        writer.close();
        addresses.close();
        if (!ours) {
            return;
        }
        try {
            if (slot.advances() && streamTrouble() == null && !database.isAborted()) {
                demandEnd(AbandonableTask.run("slot", this::tellSlot, patience::isGivenUp, SERVER_LIMIT));
            }
        } catch (Fault unreachable) {
            LOG.info("The slot is advanced at the next start: {}", unreachable.getMessage());
        }
    }

    private void tellSlot() {
        if (!isUnaltered()) {
            LOG.debug("The table was altered: the slot keeps what it has");
        }
        slot.advance(tellable());
    }
}
