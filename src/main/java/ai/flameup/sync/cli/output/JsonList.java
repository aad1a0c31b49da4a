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
 * A JSON document with a list under its plural name, written element by element. In ASCII, because the locale sets the
 * character set of standard output. For one thread.
 */
public final class JsonList {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            // An incomplete list must not look complete.
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

    /** A generator for a document of another form. The caller closes it; the writer stays open. */
    public static JsonGenerator generator(PrintWriter out) throws IOException {
        return JSON.createGenerator(out);
    }

    /** Writes the next elements. */
    public JsonGenerator elements() {
        return generator;
    }

    /** Ends the list, and writes the fields after it. */
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

    /** The key of a row: a list, because a primary key may have several columns. */
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
