package ai.flameup.sync.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PlainJsonTest {
    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void harmlessText_staysUnchanged() {
        String json = "{\"a\":\"Zoë 😀 \\n \\\"\",\n\t\"b\":19.90}";
        assertThat(PlainJson.of(json(json))).isEqualTo(json);
    }

    @Test
    void controlCharacters_areEscaped() {
        assertThat(PlainJson.of(json("\"\u009b2J\u202e\u2028\u2029\u007f\"")))
                .isEqualTo("\"\\u009B2J\\u202E\\u2028\\u2029\\u007F\"");
        assertThat(PlainJson.of(json("{\r\n}"))).isEqualTo("{ \n}");
    }

    @Test
    void nonAscii_isEscaped() {
        assertThat(PlainJson.ascii(json("{\"ü\":\"😀\u007f\"}"))).isEqualTo("{\"\\u00FC\":\"\\uD83D\\uDE00\\u007F\"}");
    }
}
