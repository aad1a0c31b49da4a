package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.Sample;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.Success;
import ai.flameup.sync.pipeline.Gauges;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.slot.RetainedWal;
import ai.flameup.sync.state.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows where a job stands, from before its first look until after its end: told by the job what it is at, and by
 * {@link StatusPoller} what is seen from outside. One for a process. Thread-safe.
 */
public final class Monitor {
    private static final Logger LOG = LoggerFactory.getLogger(Monitor.class);
    private static final Duration LATELY = Duration.ofSeconds(5);
    /** The server is looked at every five seconds. */
    private static final Duration STALE = Duration.ofSeconds(20);

    private static final int SAMPLES = 360;

    private final Settings settings;
    private final Counters counters;
    private final Status.Instance process;
    private final HeartbeatLag beats = new HeartbeatLag();
    private final Rates rates = new Rates();
    private final BackfillSpeed speed = new BackfillSpeed();
    private final Deque<Sample> samples = new ArrayDeque<>();

    private @Nullable String doing = "looking at Postgres and the store";
    private @Nullable Halt halt;
    private StatusInputs.@Nullable Trouble end;
    private @Nullable ExitCode exitCode;
    private @Nullable PipelineProbe live;
    private Instant followedAt;
    private PipelineSnapshot onWay = PipelineSnapshot.NOTHING;
    private Instant heldAt = Instant.EPOCH;
    private long settled;
    private Instant settledAt;
    private long requests;
    private Instant requestedAt;
    private StatusInputs.@Nullable Since streamTrouble;
    private StoreSummary stored = StoreSummary.NOTHING;
    private Instant storedAt = Instant.EPOCH;
    /** When something that was to be read again was last settled, or the first of it came. */
    private Instant againMovedAt = Instant.EPOCH;

    private @Nullable RetainedWal watch;
    private Instant watchedAt = Instant.EPOCH;
    private @Nullable Long people;
    private @Nullable Lsn position;
    private @Nullable Instant lastSuccessAt;
    private State state = State.STARTING;
    private Instant since;

    private record Halt(StatusInputs.Trouble trouble, boolean needsAnAnswer, Instant at, long delivered) {}

    public Monitor(Settings settings, String mode, Counters counters) {
        this.settings = settings;
        this.counters = counters;
        Instant now = Instant.now();
        this.process =
                new Status.Instance(Version.current(), ProcessHandle.current().pid(), mode, now);
        this.since = now;
        this.followedAt = now;
        this.settledAt = now;
        this.requestedAt = now;
    }

    /** Our heartbeats. */
    public HeartbeatLag beats() {
        return beats;
    }

    /** The job is at this, before its pipeline works. */
    public synchronized void starting(String what) {
        doing = what;
        streamTrouble = null;
    }

    /**
     * The server does not answer, and is asked again; what it is halted for stays the reason where there is one.
     *
     * @return whether that is news
     */
    public synchronized boolean away(Fault fault) {
        boolean news = streamTrouble == null && halt == null;
        troubled(Remedies.trouble(fault).reason());
        return news;
    }

    /** What is told last says most: that a connection broke off says less than why there is no other. */
    private void troubled(String why) {
        streamTrouble = new StatusInputs.Since(why, streamTrouble == null ? Instant.now() : streamTrouble.at());
    }

    /** A pipeline works; what is halted counts as halted until that is proved wrong. */
    public synchronized void follow(PipelineProbe run) {
        Instant now = Instant.now();
        live = run;
        doing = null;
        followedAt = now;
        settledAt = now;
        requestedAt = now;
    }

    /** The pipeline has come to its end. */
    public synchronized void unfollow() {
        PipelineProbe run = live;
        if (run != null) {
            position = run.position();
        }
        live = null;
        streamTrouble = null;
        onWay = onWay.ended();
        doing = "looking at Postgres and the store";
    }

    /**
     * Nothing goes on until somebody has mended this.
     *
     * @return whether that is news
     */
    public synchronized boolean halted(Fault fault) {
        StatusInputs.Trouble trouble = Remedies.trouble(fault);
        boolean news = halt == null || !halt.trouble.equals(trouble);
        if (news) {
            boolean needsAnAnswer = fault.exitCode() == ExitCode.REFUSED || fault.exitCode() == ExitCode.REJECTED;
            halt = new Halt(trouble, needsAnAnswer, Instant.now(), counters.delivered());
        }
        return news;
    }

    public synchronized boolean isHalted() {
        return halt != null;
    }

    /**
     * @param fault what ended it; null where it ended as it should
     */
    public synchronized void ended(ExitCode code, @Nullable Fault fault) {
        exitCode = code;
        end = fault == null ? new StatusInputs.Trouble(reason(code), null, false) : Remedies.trouble(fault);
    }

    private static String reason(ExitCode code) {
        return switch (code) {
            case DONE -> "it ended as it was asked to";
            case ATTENTION ->
                "it has done its work, but some of it needs somebody: see the dead letters and the backfills";
            case TRY_LATER -> "it was interrupted; the next run goes on from here";
            default -> "it ended by a fault of the program; please report it";
        };
    }

    /** What the store has. */
    public synchronized void saw(StoreSummary now) {
        storedAt = Instant.now();
        Pending before = stored.pending();
        Pending pending = now.pending();
        if (before.isNothing() || pending.firstRow() != before.firstRow() || pending.letters() < before.letters()) {
            againMovedAt = storedAt;
        }
        stored = now;
        speed.saw(now.open(), storedAt);
    }

    /** What the server shows. */
    public synchronized void saw(RetainedWal now) {
        watch = now;
        watchedAt = Instant.now();
    }

    /** What the server showed a moment ago; null where it has not answered since. */
    private @Nullable RetainedWal seen(Instant now) {
        return Duration.between(watchedAt, now).compareTo(STALE) > 0 ? null : watch;
    }

    /** How many rows the table has, about. */
    public synchronized void people(long rows) {
        people = rows;
    }

    /** What is on its way now. */
    public synchronized void told(Gauges gauges) {
        Instant now = Instant.now();
        onWay = PipelineSnapshot.of(gauges, now);
        if (onWay.held() != null) {
            heldAt = now;
        }
    }

    /** To be called every second: counts, and asks for what is told from then on. */
    synchronized void tick() {
        Instant now = Instant.now();
        rates.count(System.nanoTime(), counters);
        if (counters.delivered() + counters.parked() != settled) {
            settled = counters.delivered() + counters.parked();
            settledAt = now;
        }
        if (counters.requests() != requests) {
            requests = counters.requests();
            requestedAt = now;
        }
        PipelineProbe run = live;
        if (run != null) {
            run.look(this::told);
            position = run.position();
            String trouble = run.streamTrouble();
            if (trouble == null) {
                streamTrouble = null;
            } else {
                troubled(trouble);
            }
            goOn(run);
        }
    }

    /** What it was halted for is mended once that is seen, and not when it is tried. */
    private void goOn(PipelineProbe run) {
        Halt was = halt;
        Instant beat = beats.passedAt();
        if (was != null
                && (counters.delivered() > was.delivered
                        || (!was.needsAnAnswer && beat != null && beat.isAfter(followedAt))
                        || (!was.needsAnAnswer && run.isStreaming()))) {
            halt = null;
            LOG.info("Goes on: what it was halted for is mended");
        }
    }

    /** To be called every ten seconds. */
    synchronized void sample() {
        if (samples.size() >= SAMPLES) {
            samples.remove();
        }
        samples.add(Sample.of(status()));
    }

    /** Whether the job goes on, if only to look again. */
    synchronized boolean isAlive() {
        return end == null;
    }

    /** Of the last hour, oldest first. */
    synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** Delivered within the last minute. */
    long lastMinute() {
        return rates.delivered();
    }

    /** Where the job stands. */
    public synchronized Status status() {
        Instant now = Instant.now();
        StatusInputs.Again again = again();
        Duration lag = longer(Lags.at(now, live, onWay, beats), again);
        RetainedWal seen = seen(now);
        HealthAssessment verdict = HealthAssessment.of(facts(now, lag, again, seen));
        if (verdict.state() != state) {
            state = verdict.state();
            since = now;
        }
        Integer code = exitCode == null ? null : exitCode.code();
        if (Success.of(process.mode(), state, code)) {
            lastSuccessAt = now;
        }
        Status.Wal wal = wal(seen);
        Instant oldest = Lags.earlier(onWay.oldest(), stored.pending().since());
        return new Status(
                now,
                new Status.Health(
                        verdict.state(),
                        since,
                        verdict.ready(),
                        new Status.Advice(settings.aboutUs(verdict.reason()), settings.aboutUs(verdict.remedy())),
                        Stream.concat(
                                        settings.notices().stream(),
                                        Notices.of(stored, counters, wal, seen != null).stream()
                                                .map(this::aboutUs))
                                .toList()),
                new Status.Job(process, route(settings), code, lastSuccessAt),
                new Status.Source(
                        people,
                        new Status.Lag(lag == null ? null : lag.toMillis() / 1e3, lagBytes(seen)),
                        wal,
                        stored.deferred(),
                        stored.backfills(people, speed)),
                new Status.Delivery(
                        new Status.Work(onWay.waiting(), onWay.inFlight(), counters.lastDeliveredAt(), oldest),
                        totals(),
                        rates.perTime(),
                        onWay.budget(),
                        stored.deadLetters()));
    }

    private Status.Notice aboutUs(Status.Notice notice) {
        return new Status.Notice(notice.name(), notice.message(), settings.aboutUs(notice.remedy()));
    }

    /** Without the password: there is none in the address. */
    static Status.Route route(Settings settings) {
        return new Status.Route(
                source(settings.postgres()),
                "workspace %s at %s"
                        .formatted(
                                settings.flameup().workspace(),
                                settings.flameup().baseUrl()));
    }

    static String source(PostgresSettings postgres) {
        return postgres.address() + "." + postgres.tableName();
    }

    /** By its age when the store was looked at: since then it may have been settled. */
    private StatusInputs.@Nullable Again again() {
        Pending pending = stored.pending();
        Instant oldest = pending.since();
        return oldest == null
                ? null
                : new StatusInputs.Again(
                        pending.rows(), pending.letters(), Duration.between(oldest, storedAt), againMovedAt);
    }

    private static @Nullable Duration longer(@Nullable Duration lag, StatusInputs.@Nullable Again again) {
        return lag == null || again == null || lag.compareTo(again.age()) >= 0 ? lag : again.age();
    }

    private StatusInputs facts(
            Instant now, @Nullable Duration lag, StatusInputs.@Nullable Again again, @Nullable RetainedWal seen) {
        PipelineProbe run = live;
        Instant beat = beats.passedAt();
        return new StatusInputs(
                now,
                doing,
                halt == null ? null : halt.trouble,
                end,
                run == null ? null : run.apiTrouble(),
                streamTrouble,
                stored.loading(people),
                onWay.held(),
                Duration.between(heldAt, now).compareTo(LATELY) < 0,
                lag,
                again,
                onWay.oldest(),
                requestedAt,
                beat == null || beat.isBefore(settledAt) ? settledAt : beat,
                seen == null ? null : seen.bytes(),
                settings.maxRetainedWal());
    }

    private @Nullable Long lagBytes(@Nullable RetainedWal seen) {
        Lsn stands = position;
        return seen == null || stands == null ? null : Math.max(0, seen.end().value() - stands.value());
    }

    private Status.Wal wal(@Nullable RetainedWal seen) {
        return new Status.Wal(
                settings.postgres().slot(),
                seen == null ? null : seen.status(),
                seen == null ? null : seen.bytes(),
                settings.maxRetainedWal(),
                seen == null ? null : seen.serverLimit());
    }

    private Status.Totals totals() {
        return new Status.Totals(
                counters.delivered(),
                counters.parked(),
                new Status.Requests(counters.requests(), counters.retries()),
                new Status.Saved(0, counters.replaced()),
                counters.emailsHeld());
    }
}
