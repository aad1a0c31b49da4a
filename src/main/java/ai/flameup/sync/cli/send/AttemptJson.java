package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.ResponseDetails;
import ai.flameup.sync.ops.SingleSend.Attempt;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** The last request and its response as a JSON document; unknown values are null. For one thread. */
final class AttemptJson {
    private final PrintWriter out;
    private final String path;
    private @Nullable Attempt last;
    private int count;

    AttemptJson(PrintWriter out, String path) {
        this.out = out;
        this.path = path;
    }

    void add(Attempt attempt) {
        last = attempt;
        count++;
    }

    /** Prints nothing if there was no request. */
    void print() throws IOException {
        Attempt attempt = last;
        if (attempt == null) {
            return;
        }
        try (JsonGenerator json = JsonList.generator(out)) {
            ResponseDetails told = attempt.told();
            json.writeStartObject();
            RequestJson.request(json, attempt.key(), attempt.person(), path);
            json.writeStringField("outcome", outcome(told.outcome()));
            if (told.status() == 0) {
                json.writeNullField("status");
            } else {
                json.writeNumberField("status", told.status());
            }
            json.writeStringField("answer", told.words());
            json.writeStringField("request_id", told.requestId());
            json.writeNumberField("requests", count);
            json.writeEndObject();
        }
        out.println();
    }

    private static String outcome(Outcome outcome) {
        if (outcome instanceof Outcome.Accepted) {
            return "delivered";
        }
        if (outcome instanceof Outcome.Failed) {
            return "failed";
        }
        return outcome instanceof Outcome.Rejected ? "rejected" : "refused";
    }
}
