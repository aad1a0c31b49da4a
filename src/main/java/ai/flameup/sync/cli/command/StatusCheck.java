package ai.flameup.sync.cli.command;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.state.RunHistory;
import ai.flameup.sync.status.LastStatus;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a job is healthy, in one line for monitoring systems. A continuous run is healthy if it is ready. Runs from cron are
 * healthy if the last one that ended has caught up, and is not too old. Immutable.
 */
record StatusCheck(boolean ok, String line) {
    private static final String FINITE = "until-caught-up";
    /** The latter if rows were parked or a backfill failed. */
    private static final Set<Integer> CAUGHT_UP = Set.of(ExitCode.DONE.code(), ExitCode.ATTENTION.code());

    static StatusCheck of(LastStatus status, Duration maxAge, Instant now) {
        JsonNode document = status.document();
        boolean finite = document.path("mode").asText().equals(FINITE);
        if (status.isAtWork() && !finite) {
            return running(document);
        }
        Optional<RunHistory.EndedRun> caughtUp = status.lastRun()
                .filter(run -> run.mode().equals(FINITE) && CAUGHT_UP.contains(run.exitCode()))
                .filter(run -> status.isAtWork() || finite)
                .filter(run -> Duration.between(run.at(), now).compareTo(maxAge) <= 0);
        return caughtUp.map(run -> new StatusCheck(
                        true,
                        "OK: caught up at %s, exit code %s%s".formatted(run.at(), run.exitCode(), attention(document))))
                .orElseGet(() -> notOk(document));
    }

    private static StatusCheck running(JsonNode document) {
        return document.path("ready").asBoolean()
                ? new StatusCheck(
                        true,
                        "OK: %s, lag %s s%s"
                                .formatted(
                                        document.path("state").asText(),
                                        document.path("lag_seconds").asText("unknown"),
                                        attention(document)))
                : notOk(document);
    }

    /** Notices do not make a job unhealthy: a dead letter concerns one person, and would hide an outage of all. */
    private static String attention(JsonNode document) {
        List<String> notices = new ArrayList<>();
        for (JsonNode notice : StatusText.needAttention(document)) {
            notices.add(notice.path("message").asText());
        }
        String letters =
                ", %s dead letters".formatted(document.path("dead_letters").asLong());
        return notices.isEmpty()
                ? letters
                : "%s; %s: %s".formatted(letters, StatusText.attention(notices.size()), String.join("; ", notices));
    }

    private static StatusCheck notOk(JsonNode document) {
        String reason = document.path("reason").asText("");
        String remedy = document.path("remedy").asText("");
        return new StatusCheck(
                false,
                "NOT OK: " + document.path("state").asText()
                        + (reason.isEmpty() || reason.equals("null") ? "" : ": " + reason)
                        + (remedy.isEmpty() || remedy.equals("null") ? "" : "; " + remedy));
    }
}
