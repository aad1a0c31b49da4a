package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.state.pending.DeadLetter;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Dead letters as a JSON document; unknown values are null. */
final class LetterJson implements LetterPrinter {
    private final JsonList list;

    LetterJson(PrintWriter out) throws IOException {
        this.list = new JsonList(out, "dead_letters");
    }

    @Override
    public void print(List<DeadLetter> page) throws IOException {
        for (DeadLetter letter : page) {
            print(letter);
        }
    }

    private void print(DeadLetter letter) throws IOException {
        JsonGenerator json = list.elements();
        json.writeStartObject();
        json.writeNumberField("id", letter.id());
        json.writeStringField("user_id", letter.userId().isEmpty() ? null : letter.userId());
        JsonList.key(json, letter.key());
        if (letter.isAnswered()) {
            json.writeNumberField("status", letter.status());
        } else {
            json.writeNullField("status");
        }
        json.writeStringField("reason", letter.reason());
        json.writeStringField("request_id", letter.requestId());
        json.writeStringField("parked_at", letter.at().toString());
        json.writeNumberField("attempts", letter.attempts());
        json.writeEndObject();
    }

    @Override
    public void end() throws IOException {
        list.end();
    }
}
