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

/** All metrics of a job. No label has a user id, or any other value whose number grows with the table. */
final class MetricTable {
    static final String PREFIX = "flameup_sync_";
    static final String LAST_SUCCESS = PREFIX + "last_success_timestamp_seconds";

    /** Metrics of a running process only. */
    private static final List<Metric> LIVE = List.of(
            metric("state", "State of the job: 1 for the current state, 0 for the others.", status -> Arrays.stream(
                            State.values())
                    .map(state -> new Value(state == status.state() ? 1 : 0, Labels.of("state", state.label())))
                    .toList()),
            number(
                    "state_start_time_seconds",
                    "Time when the current state began.",
                    status -> seconds(status.health().since())),
            number("ready", "1 if the job makes progress, 0 if not.", status -> status.ready() ? 1 : 0),
            metric(
                    "halted_info",
                    "Reason and remedy of a halt; present only while the job is halted.",
                    MetricTable::halted),
            number(
                    "lag_seconds",
                    "Age of the oldest change or deferred row that is not settled.",
                    status -> status.source().lag().seconds()),
            number(
                    "waiting",
                    "Changes and rows that are not settled, without those in flight; estimated as far as they are not read.",
                    status -> status.delivery().work().waiting()),
            number(
                    "waiting_seconds_left",
                    "Time that these take at the present rate or budget; absent if neither is known.",
                    status -> status.delivery().work().secondsLeft()),
            number("in_flight", "Requests without a response yet.", status -> status.delivery()
                    .work()
                    .inFlight()),
            number(
                    "oldest_waiting_timestamp_seconds",
                    "Commit time of the oldest waiting change.",
                    status -> seconds(status.delivery().work().oldestWaitingAt())),
            budget(
                    "budget_limit",
                    "Requests per window of Flameup's budget, as last reported.",
                    budget -> budget.limit()),
            budget("budget_remaining", "Requests left in the window, as last reported.", budget -> budget.remaining()),
            budget("budget_reset_timestamp_seconds", "End of the window.", budget -> seconds(budget.reset())));

    private static final List<Metric> LASTING = List.of(
            metric(
                    "notices",
                    "Notices: what an operator should know or do while the job works.",
                    status -> status.health().notices().stream()
                            .map(Status.Notice::name)
                            .distinct()
                            .map(name -> new Value(1, Labels.of("name", name)))
                            .toList()),
            number(
                    "lag_bytes",
                    "WAL from the stored position to the current end of the server's WAL.",
                    status -> status.source().lag().bytes()),
            number("retained_wal_bytes", "WAL that the server retains for the slot.", status -> status.source()
                    .wal()
                    .retainedBytes()),
            number("max_retained_wal_bytes", "The limit postgres.max-retained-wal.", status -> status.source()
                    .wal()
                    .limitBytes()),
            number(
                    "max_slot_wal_keep_bytes",
                    "The server's limit max_slot_wal_keep_size; absent if unlimited.",
                    status -> status.source().wal().serverLimitBytes()),
            number(
                    "last_delivered_timestamp_seconds",
                    "Time when Flameup last accepted a person.",
                    status -> seconds(status.delivery().work().lastDeliveredAt())),
            number("delivered_total", "Persons that Flameup accepted.", status -> status.delivery()
                    .totals()
                    .delivered()),
            number(
                    "requests_total",
                    "Requests sent to Flameup.",
                    status -> status.delivery().totals().requests().sent()),
            number(
                    "retries_total",
                    "Repeated attempts.",
                    status -> status.delivery().totals().requests().repeated()),
            number("parked_total", "Changes and rows that became dead letters.", status -> status.delivery()
                    .totals()
                    .parked()),
            number(
                    "saved_unchanged_total",
                    "Calls saved because Flameup already had the state.",
                    status -> status.delivery().totals().saved().unchanged()),
            number(
                    "saved_replaced_total",
                    "Calls saved because a newer state superseded a waiting one.",
                    status -> status.delivery().totals().saved().superseded()),
            number(
                    "emails_held_total",
                    "States with an address that another person held at Flameup.",
                    status -> status.delivery().totals().emailsHeld()),
            metric(
                    "dead_letters",
                    "Dead letters by status of the response; none without a response, not_sent without a request.",
                    status -> status.delivery().unresolved().deadLetters().entrySet().stream()
                            .map(letters -> new Value(letters.getValue(), Labels.of("status", letters.getKey())))
                            .toList()),
            number(
                    "shared_emails",
                    "Persons who share an email address with another person at Flameup.",
                    status -> status.delivery().unresolved().sharedEmails()),
            number("deferred", "Deferred keys, whose rows will be read again.", status -> status.source()
                    .deferred()
                    .keys()),
            number(
                    "deferred_seconds_left",
                    "Time until all deferred rows are sent, at the rate of the last minute; absent without one.",
                    status -> status.source().deferred().secondsLeft()),
            metric("backfills", "Backfills that have not ended, by state.", status -> Stream.of(
                            "queued", "running", "paused")
                    .map(state -> new Value(backfills(status, state), Labels.of("state", state)))
                    .toList()),
            number("people", "Estimated number of rows of the table.", status -> status.source()
                    .people()),
            number(
                    "start_time_seconds",
                    "Time when the process started.",
                    status -> seconds(status.job().process().startedAt())),
            metric(
                    "build_info",
                    "The version of flameup-sync.",
                    status -> one(Labels.of("version", status.job().process().version()))),
            metric(
                    "job_info",
                    "Source and destination of the job.",
                    status -> one(Labels.of(
                                    "mode",
                                    status.job().process().mode(),
                                    "slot",
                                    status.source().wal().slot())
                            .merge(route(status)))),
            new Metric(
                    LAST_SUCCESS,
                    "Time when a run was last in step, or when a finite run last caught up.",
                    moment -> Metric.value(moment.lastSuccess())));

    /** Metrics of a run that has ended, in a file only. */
    private static final List<Metric> ENDED = List.of(
            number("last_run_exit_code", "Exit code of the last run.", status -> status.job()
                    .exitCode()),
            number("last_run_timestamp_seconds", "Time when the last run ended.", status -> seconds(status.at())));

    static final List<Metric> ALL =
            Stream.of(LIVE, LASTING, ENDED).flatMap(List::stream).toList();

    private MetricTable() {}

    static MetricSnapshots ofProcess(Moment moment) {
        return snapshots(LIVE, LASTING, moment, Labels.EMPTY);
    }

    /** With the labels of the route, because one directory may hold the files of several jobs. */
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
                status.job().route().destination(),
                "source",
                status.job().route().source());
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
        return number(
                name,
                help,
                status -> status.delivery().budget() == null
                        ? null
                        : number.apply(status.delivery().budget()));
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
        return status.source().backfills().stream()
                .filter(backfill -> backfill.state().equals(state))
                .count();
    }
}
