package ai.flameup.sync.observe;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Statuses of jobs in every state, for the page. For one thread. */
public final class Statuses {
    private static final long GB = 1L << 30;

    private final Instant at;
    private State state = State.IN_STEP;
    private @Nullable String reason;
    private @Nullable String remedy;
    private boolean ready = true;
    private final List<Status.Notice> notices = new ArrayList<>();
    private Status.Lag lag = new Status.Lag(0.0, 4_096L);
    private Status.Wal wal = new Status.Wal("flameup_sync", "reserved", 48L << 20, 10 * GB, 64 * GB);
    private Status.Work work;
    private Status.Rates rates = new Status.Rates(3.4, 96);
    private Status.@Nullable Budget budget;
    private final SortedMap<String, Long> letters = new TreeMap<>();
    private Status.Deferred deferred = new Status.Deferred(0, null, 0, null);
    private final List<Status.Backfill> backfills = new ArrayList<>();
    private @Nullable Integer exitCode;
    private long sharedEmails;

    private Statuses(Instant at) {
        this.at = at;
        work = new Status.Work(0, null, 1, at.minusSeconds(2), null);
        budget = new Status.Budget(120, 84, at.plusSeconds(23));
    }

    public static Status inStep(Instant at) {
        return new Statuses(at).status();
    }

    public static Status starting(Instant at) {
        Statuses job = new Statuses(at).in(State.STARTING, "Waiting for slot flameup_sync, which pid 4711 reads", null);
        job.ready = false;
        job.budget = null;
        job.lag = new Status.Lag(null, null);
        job.wal = new Status.Wal("flameup_sync", null, null, 10 * GB, null);
        job.work = new Status.Work(0, null, 0, null, null);
        job.rates = new Status.Rates(0, 0);
        return job.status();
    }

    public static Status loading(Instant at) {
        Statuses job = new Statuses(at).in(State.LOADING, null, null);
        job.lag = new Status.Lag(3.0, 1L << 20);
        job.work = new Status.Work(35_823, 197L, 4, at.minusSeconds(1), at.minusSeconds(3));
        job.rates = new Status.Rates(182, 118);
        job.budget = new Status.Budget(120, 12, at.plusSeconds(7));
        job.backfills.add(
                new Status.Backfill(1, "first_load", "running", new Status.Progress(48_213L, 12_390, 12_371, 3, 197L)));
        job.backfills.add(new Status.Backfill(2, "where", "queued", new Status.Progress(null, 0, 0, 0, null)));
        return job.status();
    }

    public static Status throttled(Instant at) {
        Statuses job = new Statuses(at)
                .in(State.THROTTLED, "the API's budget is used up: nothing is sent until " + at.plusSeconds(38), null);
        job.lag = new Status.Lag(44.0, 3L << 20);
        job.work = new Status.Work(812, 406L, 0, at.minusSeconds(19), at.minusSeconds(44));
        job.budget = new Status.Budget(120, 0, at.plusSeconds(38));
        return job.status();
    }

    /** Asked to pause by the API, with a budget left. */
    public static Status paused(Instant at) {
        Statuses job = new Statuses(at)
                .in(State.THROTTLED, "the API asked for a pause: nothing is sent until " + at.plusSeconds(38), null);
        job.lag = new Status.Lag(44.0, 3L << 20);
        job.work = new Status.Work(812, 406L, 0, at.minusSeconds(19), at.minusSeconds(44));
        return job.status();
    }

    public static Status behind(Instant at) {
        return behind(at, 754);
    }

    public static Status behind(Instant at, double seconds) {
        Statuses job = new Statuses(at).in(State.BEHIND, null, null);
        job.lag = new Status.Lag(seconds, 700L << 20);
        job.wal = new Status.Wal("flameup_sync", "extended", 6 * GB + GB / 4, 10 * GB, null);
        job.work = new Status.Work(14_210, 79L, 8, at.minusSeconds(1), at.minusSeconds((long) seconds));
        job.notices.add(new Status.Notice(
                "retained-wal",
                "The server keeps 6.3 GB of WAL for the slot, more than half of the limit",
                "To see what delays the deliveries, run `flameup-sync doctor`."));
        job.notices.add(
                new Status.Notice(
                        "no-server-limit",
                        "Nothing protects the primary's disk while this process is dead",
                        "To limit it, run as a superuser: `ALTER SYSTEM SET max_slot_wal_keep_size = '64GB'; SELECT pg_reload_conf();`."));
        return job.status();
    }

    /** Behind after an import, whose rows are sent behind newer changes. */
    public static Status deferred(Instant at) {
        Statuses job = new Statuses(at).in(State.BEHIND, null, null);
        job.lag = new Status.Lag(840.0, 4_096L);
        job.work = new Status.Work(332_800, 1_664L, 8, at.minusSeconds(1), at.minusSeconds(840));
        job.deferred = new Status.Deferred(332_000, at.minusSeconds(840), 199.6, 1_664L);
        return job.status();
    }

    public static Status past(Instant at) {
        Statuses job = new Statuses(at)
                .in(
                        State.BEHIND,
                        "the server keeps 11 GB of WAL for the slot, the limit is 10 GB",
                        "Make room, or raise postgres.max-retained-wal. To see what holds it, run `flameup-sync doctor`.");
        job.ready = false;
        job.lag = new Status.Lag(93_600.0, 11 * GB);
        job.wal = new Status.Wal("flameup_sync", "unreserved", 11 * GB, 10 * GB, 64 * GB);
        job.work = new Status.Work(14_210, 79L, 8, at.minusSeconds(1), at.minusSeconds(93_600));
        return job.status();
    }

    public static Status outage(Instant at) {
        Statuses job = new Statuses(at).in(State.OUTAGE, "Flameup: it answers with status 503", null);
        job.lag = new Status.Lag(322.0, 5L << 20);
        job.work = new Status.Work(407, null, 1, at.minusSeconds(322), at.minusSeconds(322));
        job.rates = new Status.Rates(0, 2);
        return job.status();
    }

    public static Status halted(Instant at) {
        return halted(
                at,
                "token refused",
                "To check it, run `flameup-sync doctor --config /etc/flameup-sync/flameup-sync.yaml`.");
    }

    public static Status halted(Instant at, String reason, String remedy) {
        Statuses job = new Statuses(at).in(State.HALTED, reason, remedy);
        job.ready = false;
        job.lag = new Status.Lag(2_400.0, 9L << 20);
        job.work = new Status.Work(64, null, 0, at.minusSeconds(2_400), at.minusSeconds(2_400));
        job.rates = new Status.Rates(0, 0);
        return job.status();
    }

    /** With the texts of a real run. */
    public static Status refused(Instant at) {
        return halted(
                at,
                "Flameup refuses with status 401; check flameup.token, its permissions, flameup.workspace and"
                        + " flameup.base-url. Nothing is lost",
                "Fix what the reason names. A halted run reads flameup.token-file again every minute and on SIGHUP. Other"
                        + " settings need a restart. To check the result, run `sudo -u flameup-sync"
                        + " '/opt/flame up/bin/flameup-sync' doctor --config /etc/flameup-sync/flameup-sync.yaml`.");
    }

    public static Status slotLost(Instant at) {
        Statuses job = new Statuses(at)
                .in(
                        State.HALTED,
                        "Postgres: slot flameup_sync was invalidated; a gap is possible: run `flameup-sync resync`",
                        "Changes may be missing at Flameup. To create a new slot and send every row again, run"
                                + " `flameup-sync resync`.");
        job.ready = false;
        job.lag = new Status.Lag(null, null);
        job.wal = new Status.Wal("flameup_sync", "lost", null, 10 * GB, 64 * GB);
        return job.status();
    }

    public static Status letters(Instant at) {
        Statuses job = new Statuses(at);
        job.letters.put("400", 1L);
        job.letters.put("422", 14L);
        job.letters.put("none", 2L);
        job.letters.put("not_sent", 1L);
        job.notices.add(
                new Status.Notice(
                        "dead-letters",
                        "18 persons are parked as dead letters",
                        "To see them with their reasons, run `flameup-sync dead-letters list --config /etc/flameup-sync.yaml`."));
        return job.status();
    }

    /** Parked before a request was made. */
    public static Status neverSent(Instant at) {
        Statuses job = new Statuses(at);
        job.letters.put("not_sent", 3L);
        job.notices.add(new Status.Notice(
                "dead-letters",
                "3 persons are parked as dead letters",
                "To see them with their reasons, run `flameup-sync dead-letters list`."));
        return job.status();
    }

    public static Status sharedEmails(Instant at) {
        Statuses job = new Statuses(at);
        job.sharedEmails = 46;
        job.notices.add(new Status.Notice(
                "email-held",
                "46 persons share an email address with another person at Flameup, which keeps it for the one that was sent last",
                "To see who they are, run `flameup-sync status --shared-emails`."));
        return job.status();
    }

    /** Stopped before an operator had fixed the cause. */
    public static Status haltedAndStopped(Instant at) {
        Statuses job = new Statuses(at)
                .in(
                        State.HALTED,
                        "Postgres: role app may not replicate; ALTER ROLE \"app\" REPLICATION; the run was stopped while halted",
                        "To see every check that fails, and its fix, run `flameup-sync doctor`.");
        job.ready = false;
        job.exitCode = 0;
        return job.status();
    }

    /** With estimates that nothing can keep: the slot was invalidated during an outage. */
    public static Status slotGone(Instant at) {
        Statuses job = new Statuses(at).in(State.OUTAGE, "Flameup: it answers with status 503", null);
        job.lag = new Status.Lag(90_000.0, 80 * GB);
        job.wal = new Status.Wal("flameup_sync", "lost", null, 10 * GB, 64 * GB);
        job.work = new Status.Work(407, 1_200L, 1, at.minusSeconds(322), at.minusSeconds(90_000));
        job.deferred = new Status.Deferred(332_000, at.minusSeconds(840), 199.6, 1_664L);
        job.backfills.add(new Status.Backfill(7, "gone", "running", new Status.Progress(800L, 120, 120, 0, 300L)));
        return job.status();
    }

    /** With a notice that needs no action. */
    public static Status noticed(Instant at) {
        Statuses job = new Statuses(at);
        job.notices.add(new Status.Notice(
                "email-held", "2 times a person took an email address that another still holds at Flameup", null));
        return job.status();
    }

    public static Status stopped(Instant at) {
        return new Statuses(at).in(State.STOPPED, "ended by a signal", null).status();
    }

    /** The last hour and the last events. */
    public static History history(Status now) {
        Instant at = now.at();
        return new History(
                hour(now),
                List.of(
                        new Event(at.minusSeconds(200_000), Event.Kind.STARTED, "run, version 0.2.0"),
                        new Event(at.minusSeconds(90_000), Event.Kind.BACKFILL_ENDED, "1 (first load)"),
                        new Event(
                                at.minusSeconds(5_000), Event.Kind.OUTAGE_BEGAN, "Flameup: it answers with status 503"),
                        new Event(at.minusSeconds(4_400), Event.Kind.OUTAGE_ENDED, null),
                        new Event(at.minusSeconds(2_400), Event.Kind.HALTED, "Flameup refuses with status 401"),
                        new Event(at.minusSeconds(1_800), Event.Kind.RESUMED, null)));
    }

    /** A history with a time without a process. */
    public static History interrupted(Status now) {
        History whole = history(now);
        Instant end = now.at().minusSeconds(600);
        Instant begin = now.at().minusSeconds(540);
        return new History(
                whole.samples().stream()
                        .filter(one -> one.at().isBefore(end) || one.at().isAfter(begin))
                        .toList(),
                whole.events());
    }

    /** A sample every ten seconds of the hour before, with a backlog that came and went or the current one. */
    public static List<Sample> hour(Status now) {
        double lag =
                now.source().lag().seconds() == null ? 0 : now.source().lag().seconds();
        long wal = now.source().wal().retainedBytes() == null
                ? 0
                : now.source().wal().retainedBytes();
        List<Sample> samples = new ArrayList<>();
        for (int age = 3_600; age > 0; age -= 10) {
            double hill = lag > 10 ? 0 : Math.exp(-Math.pow((age - 1_500) / 420.0, 2));
            double ripple = 1 + Math.sin(age / 47.0) / 5 + Math.sin(age / 13.0) / 9;
            samples.add(new Sample(
                    now.at().minusSeconds(age),
                    age == 2_400 ? null : Math.max(Math.floor(260 * hill * ripple), lag - age),
                    (long) (wal * (lag > 10 ? Math.max(0.1, 1 - age / lag) : 1) + (900L << 20) * hill * ripple),
                    lag > age
                            ? now.delivery().rates()
                            : new Status.Rates(3 * ripple + 20 * hill, Math.min(120, 60 * ripple + 90 * hill)),
                    (long) (4_000 * hill)));
        }
        samples.add(Sample.of(now));
        return samples;
    }

    private Statuses in(State now, @Nullable String why, @Nullable String help) {
        state = now;
        reason = why;
        remedy = help;
        return this;
    }

    private Status status() {
        return new Status(
                at,
                new Status.Health(state, at.minusSeconds(2_400), ready, new Status.Advice(reason, remedy), notices),
                new Status.Job(
                        new Status.Instance("sync-1", "0.2.0", 4_242, "run", at.minusSeconds(200_000)),
                        new Status.Route("db-prod/app.public.users", "workspace acme at https://api.flameup.ai"),
                        exitCode,
                        null),
                new Status.Source(48_213L, lag, wal, deferred, backfills),
                new Status.Delivery(
                        work,
                        new Status.Totals(
                                81_204, 17, new Status.Requests(3_120, 14), new Status.Saved(9_301, 2_204), 0),
                        rates,
                        budget,
                        new Status.Unresolved(letters, sharedEmails)));
    }
}
