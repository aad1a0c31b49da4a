package ai.flameup.sync.cli.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.pending.DeadLetter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LettersPrintedTest {
    private static final Instant AT = Instant.parse("2026-11-23T14:42:00.123Z");
    private static final DeadLetter KNOWN =
            new DeadLetter(1, "anna", RowKey.of(List.of("7", "é")), new DeadLetter.Refusal(422, "no", "req_7", 3), AT);
    private static final DeadLetter UNKNOWN =
            new DeadLetter(20, "", null, new DeadLetter.Refusal(0, "there is\nno id", null, 0), AT);

    private final StringWriter text = new StringWriter();
    private final PrintWriter out = new PrintWriter(text);

    @Test
    void table_isAsWideAsItsFirstPage() {
        LetterTable table = new LetterTable(out);
        table.print(List.of(KNOWN, UNKNOWN));
        table.print(List.of(new DeadLetter(300, "a\u001bb", null, new DeadLetter.Refusal(500, "x", null, 8), AT)));
        table.end();
        assertThat(text.toString().lines())
                .containsExactly(
                        "ID  USER  WHEN                  STATUS  ATTEMPTS  REASON",
                        "1   anna  2026-11-23T14:42:00Z  422     3         no",
                        "20  -     2026-11-23T14:42:00Z  -       0         there is no id",
                        "300  a b   2026-11-23T14:42:00Z  500     8         x");
    }

    @Test
    void emptyTable_saysSo() {
        new LetterTable(out).end();
        assertThat(text.toString().lines()).containsExactly("There are no dead letters");
    }

    @Test
    void json_isAscii_withNullForUnknownValues() throws IOException {
        LetterJson json = new LetterJson(out);
        json.print(List.of(KNOWN));
        json.print(List.of(UNKNOWN));
        json.end();
        assertThat(text.toString().lines())
                .containsExactly("{\"dead_letters\":["
                        + "{\"id\":1,\"user_id\":\"anna\",\"key\":[\"7\",\"\\u00E9\"],\"status\":422,\"reason\":\"no\","
                        + "\"request_id\":\"req_7\",\"parked_at\":\"2026-11-23T14:42:00.123Z\",\"attempts\":3},"
                        + "{\"id\":20,\"user_id\":null,\"key\":null,\"status\":null,\"reason\":\"there is\\nno id\","
                        + "\"request_id\":null,\"parked_at\":\"2026-11-23T14:42:00.123Z\",\"attempts\":0}]}");
    }
}
