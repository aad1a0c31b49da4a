package ai.flameup.sync.source.stream;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.rows.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordDecoderTest {
    private static final String TOKEN = "1f0c";

    private static final Schema MESSAGE = SchemaBuilder.struct()
            .field("prefix", Schema.STRING_SCHEMA)
            .field("content", Schema.STRING_SCHEMA)
            .build();
    private static final Schema VALUE = SchemaBuilder.struct()
            .field("op", Schema.STRING_SCHEMA)
            .field("message", MESSAGE)
            .field("source", SchemaBuilder.struct().build())
            .build();

    private final PostgresSettings settings = new PostgresSettings(
            new PostgresSettings.Login("jdbc:postgresql://localhost/app", "u", () -> ""),
            "public",
            "users",
            "slot",
            "publication");
    private final BundleQueue bundles = new BundleQueue("run");
    /** Never connected. */
    private final Database database = new Database(settings);

    @AfterEach
    void close() {
        database.close();
    }

    private List<StreamEvent> decode(String prefix, String content) {
        Column id = new Column("id", "bigint", 20);
        Table table = Table.of(Map.of("id", id), List.of(id), List.of("id"));
        RecordDecoder decoder =
                new RecordDecoder(table, new Fence(), new Markers(database, TOKEN), bundles, new Lsn(1));
        Struct message = new Struct(MESSAGE)
                .put("prefix", prefix)
                .put("content", Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8)));
        Struct value = new Struct(VALUE).put("op", "m").put("message", message);
        List<StreamEvent> events = new ArrayList<>();
        decoder.decode(new SourceRecord(Map.of(), Map.of(), "t", VALUE, value), events::add);
        return events;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "beat",
                "beat x",
                "beat  ",
                "beat 1:2: ",
                "beat x " + TOKEN,
                "beat 1:99999999999999999999: other 7",
                "passing",
                "passing other 7",
                "passing " + TOKEN,
                "fence other 7",
                "\u0000",
                "anything else " + TOKEN,
            })
    void messageWithoutOurToken_isIgnored(String content) {
        assertThat(decode("flameup-sync", content)).isEmpty();
    }

    @Test
    void messageOfAnotherPrefix_isIgnored() {
        assertThat(decode("flameup-syncs", "passing %s 7".formatted(TOKEN))).isEmpty();
    }

    @Test
    void ourHeartbeatAndOurMarker_becomeEvents() {
        assertThat(decode("flameup-sync", "beat 700:700: %s 7".formatted(TOKEN)))
                .containsExactly(new StreamEvent.MarkerReached(TOKEN + " 7", true));
        assertThat(decode("flameup-sync", "passing %s 7".formatted(TOKEN)))
                .containsExactly(new StreamEvent.MarkerReached("passing %s 7".formatted(TOKEN), false));
    }
}
