package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.output.PlainText;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A status document as text, the most important lines first. Stateless. */
final class StatusText {
    private static final String FORM = "%-15s  %s";
    private static final long MEGABYTE = 1L << 20;
    /** The kinds of dead letters without a status, in words. */
    private static final Map<String, String> STATUSES = Map.of("none", "no response", "not_sent", "not sent");

    private StatusText() {}

    static List<String> lines(JsonNode status) {
        List<String> lines = new ArrayList<>();
        line(lines, "state", state(status));
        line(lines, "remedy", text(status, "remedy"));
        for (JsonNode notice : status.path("notices")) {
            line(lines, "notice", text(notice, "message"));
            line(lines, "", text(notice, "remedy"));
        }
        line(lines, "source", text(status, "source"));
        line(lines, "destination", text(status, "destination"));
        line(lines, "people", number(status, "people"));
        line(lines, "lag", lag(status));
        line(lines, "retained WAL", wal(status));
        line(lines, "pending", "%s, %s requests in flight".formatted(waiting(status), number(status, "in_flight")));
        line(
                lines,
                "delivered",
                "%s with %s requests, the last at %s; %s persons/s now"
                        .formatted(
                                number(status, "delivered_total"),
                                number(status, "requests_total"),
                                or(text(status, "last_delivered_at"), "no time yet"),
                                status.path("delivered_per_second").asText()));
        line(lines, "budget", budget(status.path("budget"), text(status, "at")));
        line(lines, "dead letters", letters(status));
        line(lines, "shared emails", sharedEmails(status));
        line(lines, "deferred", deferred(status));
        for (JsonNode backfill : status.path("backfills")) {
            line(lines, "backfill " + backfill.path("id").asLong(), backfill(backfill));
        }
        line(lines, "process", process(status));
        return lines;
    }

    private static void line(List<String> lines, String name, String value) {
        if (!value.isEmpty()) {
            lines.add(FORM.formatted(name, PlainText.of(value)).stripTrailing());
        }
    }

    private static String state(JsonNode status) {
        String reason = text(status, "reason");
        int notices = needAttention(status).size();
        return "%s%s%s, since %s%s"
                .formatted(
                        text(status, "state").replace('_', ' '),
                        status.path("ready").asBoolean() ? "" : " (not ready)",
                        reason.isEmpty() ? "" : ": " + reason,
                        text(status, "since"),
                        notices == 0 ? "" : "; " + attention(notices));
    }

    /** The notices with a remedy, as on the status page. */
    static List<JsonNode> needAttention(JsonNode status) {
        List<JsonNode> notices = new ArrayList<>();
        for (JsonNode notice : status.path("notices")) {
            if (!text(notice, "remedy").isEmpty()) {
                notices.add(notice);
            }
        }
        return notices;
    }

    /** As the status page says it. */
    static String attention(int notices) {
        return notices == 1 ? "1 notice needs attention" : notices + " notices need attention";
    }

    private static String waiting(JsonNode status) {
        return status.path("waiting_seconds_left").isNumber()
                ? "about %s waiting, about %s s left"
                        .formatted(number(status, "waiting"), number(status, "waiting_seconds_left"))
                : number(status, "waiting") + " waiting";
    }

    private static String letters(JsonNode status) {
        List<String> kinds = new ArrayList<>();
        status.path("dead_letters_by_status")
                .properties()
                .forEach(kind -> kinds.add(
                        "%s: %s".formatted(STATUSES.getOrDefault(kind.getKey(), kind.getKey()), kind.getValue())));
        return number(status, "dead_letters") + (kinds.isEmpty() ? "" : " (" + String.join(", ", kinds) + ")");
    }

    private static String sharedEmails(JsonNode status) {
        long persons = status.path("shared_emails").asLong();
        return persons == 0 ? "" : number(status, "shared_emails") + " persons";
    }

    private static String lag(JsonNode status) {
        String seconds = status.path("lag_seconds").isNumber()
                ? String.format(
                        Locale.ROOT, "%.1f s", status.path("lag_seconds").asDouble())
                : "";
        String bytes = status.path("lag_bytes").isNumber()
                ? String.format(
                        Locale.ROOT,
                        "%,d bytes of WAL",
                        status.path("lag_bytes").asLong())
                : "";
        return seconds.isEmpty() || bytes.isEmpty() ? seconds + bytes : seconds + ", " + bytes;
    }

    private static String wal(JsonNode status) {
        JsonNode retained = status.path("retained_wal_bytes");
        return retained.isNumber()
                ? String.format(
                        Locale.ROOT,
                        "%,d MB for slot %s (%s), of %s MB at most",
                        retained.asLong() / MEGABYTE,
                        text(status, "slot"),
                        text(status, "slot_status"),
                        String.format(
                                Locale.ROOT,
                                "%,d",
                                status.path("max_retained_wal_bytes").asLong() / MEGABYTE))
                : text(status, "slot_status").isEmpty()
                        ? ""
                        : "none for slot %s (%s)".formatted(text(status, "slot"), text(status, "slot_status"));
    }

    private static String budget(JsonNode budget, String at) {
        if (!budget.isObject()) {
            return "";
        }
        String reset = text(budget, "reset");
        boolean over = Instant.parse(reset).isBefore(Instant.parse(at));
        return "%s of %s requests left %s %s"
                .formatted(
                        number(budget, "remaining"),
                        number(budget, "limit"),
                        over ? "in the window that ended at" : "until",
                        reset);
    }

    private static String deferred(JsonNode status) {
        String since = text(status, "deferred_since");
        double speed = status.path("deferred_sent_per_second").asDouble();
        String left = status.path("deferred_seconds_left").isNumber()
                ? String.format(
                        Locale.ROOT,
                        "%s, about %,d s left",
                        speed > 0 ? String.format(Locale.ROOT, ", %.1f sent a second", speed) : "",
                        status.path("deferred_seconds_left").asLong())
                : "";
        return number(status, "deferred") + (since.isEmpty() ? "" : " since " + since) + left;
    }

    private static String backfill(JsonNode backfill) {
        return "%s, %s: %s%s rows%s"
                .formatted(
                        text(backfill, "kind").replace('_', ' '),
                        text(backfill, "state"),
                        number(backfill, "rows_read"),
                        backfill.path("rows_total").isNumber() ? " of about " + number(backfill, "rows_total") : "",
                        backfill.path("seconds_left").isNumber()
                                ? ", about %s s left".formatted(number(backfill, "seconds_left"))
                                : "");
    }

    private static String process(JsonNode status) {
        String mode = text(status, "mode");
        return mode.isEmpty()
                ? ""
                : "%s, pid %s, version %s, started %s%s"
                        .formatted(
                                mode,
                                status.path("pid").asLong(),
                                text(status, "version"),
                                text(status, "started_at"),
                                status.path("exit_code").isNumber()
                                        ? ", ended with "
                                                + status.path("exit_code").asInt()
                                        : "");
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return value.isNull() ? "" : value.asText();
    }

    private static String number(JsonNode node, String key) {
        return node.path(key).isNumber()
                ? String.format(Locale.ROOT, "%,d", node.path(key).asLong())
                : "";
    }

    private static String or(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }
}
