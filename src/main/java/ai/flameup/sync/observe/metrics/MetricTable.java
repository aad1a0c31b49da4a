package ai.flameup.sync.observe.metrics;

import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.metrics.Metric.Moment;
import ai.flameup.sync.observe.metrics.Metric.Value;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every metric of a job. No label holds a user's id, or anything else that grows with the table. */
final class MetricTable {
    static final String PREFIX = "flameup_sync_";
    static final String LAST_SUCCESS = PREFIX + "last_success_timestamp_seconds";

    /** Of a process that is at work; a file that outlives the run has none of these. */
    private static final List<Metric> LIVE = List.of(
            metric(
                    "state",
                    "What the job is doing: 1 for the state that it is in, 0 for the others.",
                    status -> Arrays.stream(State.values())
                            .map(state -> new Value(state == status.state() ? 1 : 0, Labels.of("state", state.word())))
                            .toList()),
            number("state_start_time_seconds", "When this state began.", status -> seconds(status.since())),
            number("ready", "Whether the job makes progress (1) or not (0).", status -> status.ready() ? 1 : 0),
            metric("halted_info", "Why the job is halted and what helps; there only while it is.", MetricTable::halted),
            number(
                    "lag_seconds",
                    "Time since the oldest change that is not settled was committed, or the oldest row was deferred.",
                    status -> status.lag().seconds()),
            number(
                    "waiting",
                    "Changes and rows that are read and not settled, without those in flight.",
                    status -> status.work().waiting()),
            number("in_flight", "Requests that are not answered yet.", status -> status.work()
                    .inFlight()),
            number(
                    "oldest_waiting_timestamp_seconds",
                    "When the oldest change that waits was committed.",
                    status -> seconds(status.work().oldestWaitingAt())),
            budget("budget_limit", "Requests in a window of Flameup's budget, as told last.", budget -> budget.limit()),
            budget("budget_remaining", "Requests left in the window, as told last.", budget -> budget.remaining()),
            budget("budget_reset_timestamp_seconds", "When the window ends.", budget -> seconds(budget.reset())));

    private static final List<Metric> LASTING = List.of(
            metric(
                    "notices",
                    "What an operator ought to know or do, though the job works.",
                    status -> status.notices().stream()
                            .map(Status.Notice::name)
                            .distinct()
                            .map(name -> new Value(1, Labels.of("name", name)))
                            .toList()),
            number("lag_bytes", "WAL from the stored position to the end of the server's.", status -> status.lag()
                    .bytes()),
            number("retained_wal_bytes", "WAL that the server keeps for the slot.", status -> status.wal()
                    .retainedBytes()),
            number("max_retained_wal_bytes", "The limit postgres.max-retained-wal.", status -> status.wal()
                    .limitBytes()),
            number(
                    "max_slot_wal_keep_bytes",
                    "The server's own limit max_slot_wal_keep_size; absent where there is none.",
                    status -> status.wal().serverLimitBytes()),
            number(
                    "last_delivered_timestamp_seconds",
                    "When a person was last accepted by Flameup.",
                    status -> seconds(status.work().lastDeliveredAt())),
            number("delivered_total", "Persons that Flameup accepted.", status -> status.totals()
                    .delivered()),
            number("requests_total", "Requests sent to Flameup.", status -> status.totals()
                    .requests()),
            number("retries_total", "Attempts that were made again.", status -> status.totals()
                    .retries()),
            number("parked_total", "Changes and rows that became dead letters.", status -> status.totals()
                    .parked()),
            number(
                    "saved_unchanged_total",
                    "Calls saved because Flameup had the state already.",
                    status -> status.totals().savedUnchanged()),
            number(
                    "saved_replaced_total",
                    "Calls saved because a newer state replaced one that waited.",
                    status -> status.totals().savedReplaced()),
            number(
                    "emails_held_total",
                    "Persons who took an address that another still held at Flameup.",
                    status -> status.totals().emailsHeld()),
            metric(
                    "dead_letters",
                    "Dead letters by the status of their answer; none without an answer.",
                    status -> status.deadLetters().entrySet().stream()
                            .map(letters -> new Value(letters.getValue(), Labels.of("status", letters.getKey())))
                            .toList()),
            number("deferred", "Keys whose rows are to be read again.", Status::deferred),
            metric("backfills", "Backfills that have not ended, by state.", status -> Stream.of(
                            "queued", "running", "paused")
                    .map(state -> new Value(backfills(status, state), Labels.of("state", state)))
                    .toList()),
            number("people", "Rows of the table, about.", Status::people),
            number(
                    "start_time_seconds",
                    "When the process started.",
                    status -> seconds(status.job().startedAt())),
            metric(
                    "build_info",
                    "The version of flameup-sync.",
                    status -> one(Labels.of("version", status.job().version()))),
            metric(
                    "job_info",
                    "What is followed, and where it is sent.",
                    status -> one(Labels.of(
                                    "mode",
                                    status.job().mode(),
                                    "slot",
                                    status.wal().slot())
                            .merge(route(status)))),
            new Metric(
                    LAST_SUCCESS,
                    "The end of the last finite run that was caught up, or when a run was last in step.",
                    moment -> Metric.value(moment.lastSuccess())));

    /** Of a run that has ended: only in a file. */
    private static final List<Metric> ENDED = List.of(
            number("last_run_exit_code", "What the last run ended with.", status -> status.job()
                    .exitCode()),
            number("last_run_timestamp_seconds", "When the last run ended.", status -> seconds(status.at())));

    static final List<Metric> ALL =
            Stream.of(LIVE, LASTING, ENDED).flatMap(List::stream).toList();

    private MetricTable() {}

    static MetricSnapshots ofProcess(Moment moment) {
        return snapshots(LIVE, LASTING, moment, Labels.EMPTY);
    }

    /** Labelled with the route: the files of several jobs lie in one folder. */
    static MetricSnapshots ofEndedRun(Moment moment) {
        return snapshots(LASTING, ENDED, moment, route(moment.status()));
    }

    private static MetricSnapshots snapshots(List<Metric> some, List<Metric> others, Moment moment, Labels common) {
        return new MetricSnapshots(Stream.concat(some.stream(), others.stream())
                .map(metric -> metric.snapshot(moment, common))
                .toList());
    }

    private static Labels route(Status status) {
        return Labels.of(
                "destination",
                status.route().destination(),
                "source",
                status.route().source());
    }

    static @Nullable Double seconds(@Nullable Instant at) {
        return at == null ? null : at.toEpochMilli() / 1000.0;
    }

    private static Metric metric(String name, String help, Function<Status, List<Value>> values) {
        return new Metric(PREFIX + name, help, moment -> values.apply(moment.status()));
    }

    private static Metric number(String name, String help, Function<Status, @Nullable Number> number) {
        return metric(name, help, status -> Metric.value(number.apply(status)));
    }

    private static Metric budget(String name, String help, Function<Status.Budget, @Nullable Number> number) {
        return number(name, help, status -> status.budget() == null ? null : number.apply(status.budget()));
    }

    private static List<Value> one(Labels labels) {
        return List.of(new Value(1, labels));
    }

    private static List<Value> halted(Status status) {
        return status.state() == State.HALTED
                ? one(Labels.of("reason", text(status.reason()), "remedy", text(status.remedy())))
                : List.of();
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static long backfills(Status status, String state) {
        return status.backfills().stream()
                .filter(backfill -> backfill.state().equals(state))
                .count();
    }
}
