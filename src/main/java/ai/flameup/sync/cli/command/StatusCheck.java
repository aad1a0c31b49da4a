package ai.flameup.sync.cli.command;

import ai.flameup.sync.state.RunHistory;
import ai.flameup.sync.status.LastStatus;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a job is healthy, in one line for monitoring systems. A continuous run is healthy if it is ready. Runs from cron are
 * healthy if the last one that ended has caught up, and is not too old. Immutable.
 */
record StatusCheck(boolean ok, String line) {
    private static final String FINITE = "until-caught-up";

    static StatusCheck of(LastStatus status, Duration maxAge, Instant now) {
        JsonNode document = status.document();
        boolean finite = document.path("mode").asText().equals(FINITE);
        if (status.isAtWork() && !finite) {
            return running(document);
        }
        Optional<RunHistory.EndedRun> caughtUp = status.lastRun()
                .filter(run -> run.mode().equals(FINITE) && run.exitCode() == 0)
                .filter(run -> status.isAtWork() || finite)
                .filter(run -> Duration.between(run.at(), now).compareTo(maxAge) <= 0);
        return caughtUp.isPresent()
                ? new StatusCheck(true, "OK: caught up at " + caughtUp.get().at() + letters(document))
                : notOk(document);
    }

    private static StatusCheck running(JsonNode document) {
        return document.path("ready").asBoolean()
                ? new StatusCheck(
                        true,
                        "OK: %s, lag %s s%s"
                                .formatted(
                                        document.path("state").asText(),
                                        document.path("lag_seconds").asText("unknown"),
                                        letters(document)))
                : notOk(document);
    }

    private static String letters(JsonNode document) {
        return ", %s dead letters".formatted(document.path("dead_letters").asLong());
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
