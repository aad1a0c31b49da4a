package ai.flameup.sync.cli.send;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainJson;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Requests as a JSON document. A row that cannot be mapped has a reason instead of a body. */
final class RequestJson implements RequestPrinter {
    private final JsonList list;
    private final String path;

    RequestJson(PrintWriter out, String path) throws IOException {
        this.list = new JsonList(out, "requests");
        this.path = path;
    }

    @Override
    public void print(List<MappedRow> page) throws IOException {
        JsonGenerator json = list.elements();
        for (MappedRow row : page) {
            json.writeStartObject();
            if (row.mapped() instanceof Mapped.Upsert upsert) {
                request(json, row.key(), upsert.person(), path);
            } else if (row.mapped().reason() != null) {
                json.writeNullField("user_id");
                JsonList.key(json, row.key());
                json.writeStringField("reason", row.mapped().reason());
            } else {
                throw new IllegalStateException("a row that was read is complete");
            }
            json.writeEndObject();
        }
    }

    /** The fields of one request. */
    static void request(JsonGenerator json, RowKey key, PersonUpsert person, String path) throws IOException {
        json.writeStringField("user_id", person.userId());
        JsonList.key(json, key);
        call(json, person, path);
    }

    /** The fields of one request whose row has no known key. */
    static void request(JsonGenerator json, PersonUpsert person, String path) throws IOException {
        json.writeStringField("user_id", person.userId());
        call(json, person, path);
    }

    private static void call(JsonGenerator json, PersonUpsert person, String path) throws IOException {
        json.writeStringField("method", "POST");
        json.writeStringField("path", path);
        json.writeFieldName("body");
        // The bytes that would be sent: parsing and writing them again would lose digits.
        json.writeRawValue(PlainJson.ascii(person.json()));
    }

    @Override
    public void end() throws IOException {
        list.end();
    }
}
