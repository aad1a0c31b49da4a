package ai.flameup.sync.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** A status as JSON: the document of {@code status --json}, {@code /api/status} and {@code status.json} in the state directory. */
public final class StatusJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private StatusJson() {}

    /** One document; every key is always present. */
    public static JsonNode of(Status status) {
        ObjectNode json = JSON.createObjectNode();
        json.put("state", status.state().label());
        json.put("reason", status.reason());
        json.put("remedy", status.remedy());
        json.put("since", text(status.health().since()));
        json.put("ready", status.ready());
        ArrayNode notices = json.putArray("notices");
        status.health().notices().forEach(notice -> notices.addObject()
                .put("name", notice.name())
                .put("message", notice.message())
                .put("remedy", notice.remedy()));
        json.put("source", status.job().route().source());
        json.put("destination", status.job().route().destination());
        json.put("people", status.source().people());
        json.put("lag_seconds", status.source().lag().seconds());
        json.put("lag_bytes", status.source().lag().bytes());
        json.put("slot", status.source().wal().slot());
        json.put("slot_status", status.source().wal().slotStatus());
        json.put("retained_wal_bytes", status.source().wal().retainedBytes());
        json.put("max_retained_wal_bytes", status.source().wal().limitBytes());
        json.put("max_slot_wal_keep_bytes", status.source().wal().serverLimitBytes());
        json.put("waiting", status.delivery().work().waiting());
        json.put("waiting_seconds_left", status.delivery().work().secondsLeft());
        json.put("in_flight", status.delivery().work().inFlight());
        json.put("delivered_total", status.delivery().totals().delivered());
        json.put("requests_total", status.delivery().totals().requests().sent());
        json.put("saved_unchanged_total", status.delivery().totals().saved().unchanged());
        json.put("saved_replaced_total", status.delivery().totals().saved().superseded());
        json.put("retries_total", status.delivery().totals().requests().repeated());
        json.put("parked_total", status.delivery().totals().parked());
        json.put("emails_held_total", status.delivery().totals().emailsHeld());
        json.put("delivered_per_second", status.delivery().rates().deliveredPerSecond());
        json.put("requests_per_minute", status.delivery().rates().requestsPerMinute());
        Status.Budget budget = status.delivery().budget();
        if (budget == null) {
            json.putNull("budget");
        } else {
            json.putObject("budget")
                    .put("limit", budget.limit())
                    .put("remaining", budget.remaining())
                    .put("reset", text(budget.reset()));
        }
        Status.Unresolved unresolved = status.delivery().unresolved();
        json.put("dead_letters", unresolved.letters());
        ObjectNode letters = json.putObject("dead_letters_by_status");
        unresolved.deadLetters().forEach(letters::put);
        json.put("shared_emails", unresolved.sharedEmails());
        Status.Deferred deferred = status.source().deferred();
        json.put("deferred", deferred.keys());
        json.put("deferred_since", text(deferred.since()));
        json.put("deferred_sent_per_second", deferred.sentPerSecond());
        json.put("deferred_seconds_left", deferred.secondsLeft());
        ArrayNode backfills = json.putArray("backfills");
        status.source().backfills().forEach(one -> backfills
                .addObject()
                .put("id", one.id())
                .put("kind", one.kind())
                .put("state", one.state())
                .put("rows_total", one.progress().rowsTotal())
                .put("rows_read", one.progress().rowsRead())
                .put("sent", one.progress().sent())
                .put("parked", one.progress().parked())
                .put("seconds_left", one.progress().secondsLeft()));
        json.put("last_delivered_at", text(status.delivery().work().lastDeliveredAt()));
        json.put("oldest_waiting_at", text(status.delivery().work().oldestWaitingAt()));
        json.put("last_success_at", text(status.job().lastSuccessAt()));
        json.put("host", status.job().process().host());
        json.put("version", status.job().process().version());
        json.put("pid", status.job().process().pid());
        json.put("mode", status.job().process().mode());
        json.put("started_at", text(status.job().process().startedAt()));
        json.put("exit_code", status.job().exitCode());
        json.put("at", text(status.at()));
        return json;
    }

    /** With milliseconds at most: more digits mean nothing here. Null for null. */
    static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
