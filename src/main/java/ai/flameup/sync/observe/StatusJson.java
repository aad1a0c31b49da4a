package ai.flameup.sync.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A status as JSON: what {@code status --json}, {@code /api/status} and the state directory's {@code status.json} show. */
public final class StatusJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private StatusJson() {}

    /** One document, with every key always there. */
    public static JsonNode of(Status status) {
        ObjectNode json = JSON.createObjectNode();
        json.put("state", status.state().word());
        json.put("reason", status.reason());
        json.put("remedy", status.remedy());
        json.put("since", text(status.since()));
        json.put("ready", status.ready());
        ArrayNode notices = json.putArray("notices");
        status.notices().forEach(notice -> notices.addObject()
                .put("name", notice.name())
                .put("message", notice.message())
                .put("remedy", notice.remedy()));
        json.put("source", status.route().source());
        json.put("destination", status.route().destination());
        json.put("people", status.people());
        json.put("lag_seconds", status.lag().seconds());
        json.put("lag_bytes", status.lag().bytes());
        json.put("slot", status.wal().slot());
        json.put("slot_status", status.wal().slotStatus());
        json.put("retained_wal_bytes", status.wal().retainedBytes());
        json.put("max_retained_wal_bytes", status.wal().limitBytes());
        json.put("max_slot_wal_keep_bytes", status.wal().serverLimitBytes());
        json.put("waiting", status.work().waiting());
        json.put("in_flight", status.work().inFlight());
        json.put("delivered_total", status.totals().delivered());
        json.put("requests_total", status.totals().requests());
        json.put("saved_unchanged_total", status.totals().savedUnchanged());
        json.put("saved_replaced_total", status.totals().savedReplaced());
        json.put("retries_total", status.totals().retries());
        json.put("parked_total", status.totals().parked());
        json.put("emails_held_total", status.totals().emailsHeld());
        json.put("delivered_per_second", status.rates().deliveredPerSecond());
        json.put("requests_per_minute", status.rates().requestsPerMinute());
        Status.Budget budget = status.budget();
        if (budget == null) {
            json.putNull("budget");
        } else {
            json.putObject("budget")
                    .put("limit", budget.limit())
                    .put("remaining", budget.remaining())
                    .put("reset", text(budget.reset()));
        }
        json.put(
                "dead_letters",
                status.deadLetters().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
        ObjectNode letters = json.putObject("dead_letters_by_status");
        status.deadLetters().forEach(letters::put);
        json.put("deferred", status.deferred());
        ArrayNode backfills = json.putArray("backfills");
        status.backfills().forEach(one -> backfills
                .addObject()
                .put("id", one.id())
                .put("kind", one.kind())
                .put("state", one.state())
                .put("rows_total", one.rowsTotal())
                .put("rows_read", one.rowsRead())
                .put("sent", one.sent())
                .put("parked", one.parked())
                .put("seconds_left", one.secondsLeft()));
        json.put("last_delivered_at", text(status.work().lastDeliveredAt()));
        json.put("oldest_waiting_at", text(status.work().oldestWaitingAt()));
        json.put("last_success_at", text(status.job().lastSuccessAt()));
        json.put("version", status.job().version());
        json.put("pid", status.job().pid());
        json.put("mode", status.job().mode());
        json.put("started_at", text(status.job().startedAt()));
        json.put("exit_code", status.job().exitCode());
        json.put("at", text(status.at()));
        return json;
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}
