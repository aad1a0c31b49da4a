package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.Success;
import ai.flameup.sync.pipeline.DeliveryGauges;
import ai.flameup.sync.source.slot.RetainedWal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the current status of a job, from before its first check until after its end. The job reports what it does;
 * {@link StatusPoller} reports what store and server show. One for each process. Thread-safe.
 */
public final class Monitor {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);
    private static final String CHECKING = "checking Postgres and the store";

    private final Settings settings;
    private final Counters counters;
    private final Status.Instance process;
    private final HeartbeatLag beats = new HeartbeatLag();
    private final Rates rates = new Rates();
    private final HistoryRecorder history = new HistoryRecorder();
    private final ActivityTracker activity;
    private final StoreView store = new StoreView();
    private final Ahead ahead = new Ahead();

    private @Nullable String starting = CHECKING;
    private @Nullable Halt halt;
    private StatusInputs.@Nullable Trouble end;
    private @Nullable ExitCode exitCode;
    private @Nullable PipelineProbe live;
    private Instant followedAt;
    private PipelineSnapshot pipeline = PipelineSnapshot.NOTHING;
    private final LastPause lastPause = new LastPause();
    private StatusInputs.@Nullable Since streamTrouble;
    private ServerView server = ServerView.NOTHING;
    private @Nullable Long people;
    private @Nullable Lsn position;
    private @Nullable Instant lastSuccessAt;
    private State state = State.STARTING;
    private Instant since;

    public Monitor(Settings settings, String mode, Counters counters) {
        this.settings = settings;
        this.counters = counters;
        Instant now = Instant.now();
        this.process = new Status.Instance(
                HostName.current(), Version.current(), ProcessHandle.current().pid(), mode, now);
        this.since = now;
        this.followedAt = now;
        this.activity = new ActivityTracker(counters, now);
    }

    /** What the job has done so far. */
    public Counters counters() {
        return counters;
    }

    /** The last hour and the last events, of former processes as well. */
    HistoryRecorder history() {
        return history;
    }

    /** The heartbeats of this process. */
    public HeartbeatLag beats() {
        return beats;
    }

    /** The job does this before its pipeline starts. */
    public synchronized void starting(String what) {
        starting = what;
        streamTrouble = null;
    }

    /**
     * The server is unavailable, and the job retries. If the job is halted, the halt stays the reason.
     *
     * @return whether this has not been reported yet
     */
    public synchronized boolean unavailable(Fault fault) {
        boolean news = streamTrouble == null && halt == null;
        troubled(Remedies.trouble(fault).reason());
        return news;
    }

    /** The last reason is the most precise: why a new connection fails says more than that the former one broke. */
    private void troubled(String why) {
        streamTrouble = new StatusInputs.Since(why, streamTrouble == null ? Instant.now() : streamTrouble.at());
    }

    /** A pipeline starts. A halted job stays halted until it works again. */
    public synchronized void pipelineStarted(PipelineProbe run) {
        Instant now = Instant.now();
        live = run;
        starting = null;
        followedAt = now;
        activity.restart(now);
    }

    /** The pipeline has ended. */
    public synchronized void pipelineEnded() {
        PipelineProbe run = live;
        if (run != null) {
            position = run.position();
        }
        live = null;
        streamTrouble = null;
        pipeline = pipeline.ended();
        starting = CHECKING;
    }

    /**
     * The job is halted until an operator has fixed the cause.
     *
     * @return whether this has not been reported yet
     */
    public synchronized boolean halted(Fault fault) {
        Halt now = Halt.of(fault, counters.delivered());
        boolean news = halt == null || !halt.trouble().equals(now.trouble());
        if (news) {
            halt = now;
        }
        return news;
    }

    public synchronized boolean isHalted() {
        return halt != null;
    }

    /** @param fault the cause of the end; null if there was no fault */
    public synchronized void ended(ExitCode code, @Nullable Fault fault) {
        exitCode = code;
        end = fault != null ? Remedies.trouble(fault) : halt != null ? halt.stopped() : Remedies.ending(code);
    }

    /** What the store holds now. */
    public synchronized void record(StoreSummary now) {
        store.record(now, Instant.now());
    }

    /** What the server shows now. */
    public synchronized void record(RetainedWal now) {
        server = new ServerView(now, Instant.now());
    }

    /** The estimated number of the table's rows. */
    public synchronized void people(long rows) {
        people = rows;
    }

    /** What the pipeline reports now. */
    public synchronized void record(DeliveryGauges gauges) {
        Instant now = Instant.now();
        pipeline = PipelineSnapshot.of(gauges, now);
        lastPause.record(pipeline.pause(), now);
    }

    /** Counts, and requests the pipeline's next report. To be called every second. */
    synchronized void tick() {
        rates.count(System.nanoTime(), counters);
        Instant now = Instant.now();
        activity.count(now);
        ahead.record(now, counters, waiting(server.current(now)) > 0);
        PipelineProbe run = live;
        if (run != null) {
            run.inspect(this::record);
            position = run.position();
            String trouble = run.streamTrouble();
            if (trouble == null) {
                streamTrouble = null;
            } else {
                troubled(trouble);
            }
            resume(run);
        }
    }

    private void resume(PipelineProbe run) {
        if (halt != null && halt.isFixed(counters.delivered(), beats.passedAt(), followedAt, run)) {
            halt = null;
            LOG.info("Resumed: the cause of the halt is fixed");
        }
    }

    /** Whether the job has not ended. */
    synchronized boolean isAlive() {
        return end == null;
    }

    /** The number of persons delivered within the last minute. */
    long lastMinute() {
        return rates.delivered();
    }

    /** The current status. */
    public synchronized Status status() {
        Instant now = Instant.now();
        ServerView seen = server.current(now);
        StatusInputs inputs = inputs(now, seen);
        HealthAssessment health = HealthAssessment.of(inputs);
        if (health.state() != state) {
            state = health.state();
            since = now;
        }
        Integer code = exitCode == null ? null : exitCode.code();
        if (Success.of(process.mode(), state, code)) {
            lastSuccessAt = now;
        }
        Duration lag = inputs.backlog().lag();
        StoreSummary stored = store.summary();
        Double allowed = pipeline.personsPerSecond(health.state(), now);
        long waiting = waiting(seen);
        Status.Wal wal = seen.wal(settings.postgres().slot(), settings.maxRetainedWal());
        return Estimates.possible(new Status(
                now,
                new Status.Health(
                        health.state(),
                        since,
                        health.ready(),
                        new Status.Advice(
                                settings.completeCommands(health.reason()), settings.completeCommands(health.remedy())),
                        notices(wal, seen)),
                new Status.Job(process, Routes.of(settings), code, lastSuccessAt),
                new Status.Source(
                        people,
                        new Status.Lag(lag == null ? null : lag.toMillis() / 1e3, seen.lagBytes(position)),
                        wal,
                        store.deferred(allowed),
                        store.backfills(people, allowed)),
                new Status.Delivery(
                        new Status.Work(
                                waiting,
                                ahead.secondsLeft(waiting, allowed),
                                pipeline.inFlight(),
                                counters.lastDeliveredAt(),
                                Instants.earlier(
                                        pipeline.oldest().ofBoth(),
                                        stored.pending().since())),
                        counters.totals(),
                        rates.perTime(),
                        pipeline.budget().reported(),
                        new Status.Unresolved(stored.deadLetters(), stored.sharedEmails()))));
    }

    private long waiting(ServerView seen) {
        return Ahead.count(pipeline.open(), store.summary(), people, seen.end());
    }

    private List<Status.Notice> notices(Status.Wal wal, ServerView seen) {
        return Stream.concat(
                        settings.origin().notices().stream(),
                        Notices.of(store.summary(), counters, wal, seen.isKnown()).stream()
                                .map(notice -> new Status.Notice(
                                        notice.name(), notice.message(), settings.completeCommands(notice.remedy()))))
                .toList();
    }

    private StatusInputs inputs(Instant now, ServerView seen) {
        PipelineProbe run = live;
        StatusInputs.Rereads again = store.rereads();
        Duration lag = Lags.at(now, run, pipeline, beats);
        return new StatusInputs(
                new StatusInputs.Job(starting, halt == null ? null : halt.trouble(), end),
                new StatusInputs.Outages(run == null ? null : run.apiTrouble(), streamTrouble),
                new StatusInputs.Backlog(
                        store.summary().loading(people),
                        lastPause.at(pipeline.pause(), now),
                        lag == null || again == null || lag.compareTo(again.age()) >= 0 ? lag : again.age(),
                        again,
                        pipeline.oldest().ofBoth()),
                activity.at(now, beats.passedAt()),
                new StatusInputs.Wal(seen.retained(), settings.maxRetainedWal()));
    }
}
