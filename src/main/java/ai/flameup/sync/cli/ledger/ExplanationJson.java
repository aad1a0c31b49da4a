package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainJson;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.ops.ledger.Explanation;
import ai.flameup.sync.ops.ledger.Explanation.ExplainedRow;
import ai.flameup.sync.state.pending.DeadLetter;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;

/** An explanation as a JSON document; unknown values are null. For one thread. */
final class ExplanationJson {
    private final PrintWriter out;
    private final boolean showsValues;

    ExplanationJson(PrintWriter out, boolean showsValues) {
        this.out = out;
        this.showsValues = showsValues;
    }

    void print(Explanation person) throws IOException {
        try (JsonGenerator json = JsonList.generator(out)) {
            json.writeStartObject();
            json.writeStringField("user_id", person.userId());
            json.writeArrayFieldStart("rows");
            for (ExplainedRow row : person.rows()) {
                write(json, row);
            }
            json.writeEndArray();
            Position accepted = person.delivery().entry().accepted();
            Instant at = person.delivery().at();
            json.writeStringField("delivered_at", at == null ? null : at.toString());
            json.writeStringField(
                    "delivered_from",
                    accepted == null ? null : accepted.resumeAt().toString());
            json.writeNumberField("addresses", person.delivery().entry().addresses().length);
            json.writeNumberField("requests_without_answer", person.requests());
            json.writeArrayFieldStart("dead_letters");
            for (DeadLetter letter : person.deadLetters()) {
                json.writeStartObject();
                json.writeNumberField("id", letter.id());
                json.writeObjectField("status", letter.isAnswered() ? letter.status() : null);
                json.writeStringField("parked_at", letter.at().toString());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        out.println();
    }

    private void write(JsonGenerator json, ExplainedRow row) throws IOException {
        json.writeStartObject();
        JsonList.key(json, row.row().key());
        json.writeStringField("state", row.comparison());
        json.writeArrayFieldStart("differs_in");
        for (String name : row.differences()) {
            json.writeString(name);
        }
        json.writeEndArray();
        json.writeBooleanField("to_be_read_again", row.deferred());
        if (row.row().mapped() instanceof Mapped.Upsert upsert) {
            json.writeFieldName("body");
            json.writeRawValue(PlainJson.ascii(showsValues ? upsert.person().json() : MaskedBody.of(upsert.person())));
        } else {
            json.writeNullField("body");
        }
        json.writeEndObject();
    }
}
