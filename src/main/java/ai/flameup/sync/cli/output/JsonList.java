package ai.flameup.sync.cli.output;

import ai.flameup.sync.change.RowKey;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * One JSON document that holds a list under its plural name, written element by element. In ASCII, because the character
 * set of standard output is the locale's. For one thread.
 */
public final class JsonList {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            // A list that broke off must not look like a whole one.
            .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();

    private final PrintWriter out;
    private final JsonGenerator generator;

    public JsonList(PrintWriter out, String name) throws IOException {
        this.out = out;
        this.generator = generator(out);
        generator.writeStartObject();
        generator.writeArrayFieldStart(name);
    }

    /** For a document of another form, in the same manner. To be closed by the caller, which leaves the writer open. */
    public static JsonGenerator generator(PrintWriter out) throws IOException {
        return JSON.createGenerator(out);
    }

    /** To write the next elements with. */
    public JsonGenerator elements() {
        return generator;
    }

    /** To write more of the document with, behind the list. */
    public JsonGenerator endElements() throws IOException {
        generator.writeEndArray();
        return generator;
    }

    public void end() throws IOException {
        if (generator.getOutputContext().inArray()) {
            generator.writeEndArray();
        }
        generator.writeEndObject();
        generator.close();
        out.println();
    }

    /** The field that names a row; a list, because a primary key may have several columns. */
    public static void key(JsonGenerator json, @Nullable RowKey key) throws IOException {
        if (key == null) {
            json.writeNullField("key");
            return;
        }
        json.writeArrayFieldStart("key");
        for (String value : key.values()) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
