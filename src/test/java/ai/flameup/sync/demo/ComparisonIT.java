package ai.flameup.sync.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ComparisonIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @SuppressWarnings("NullAway.Init")
    private static DemoPostgres postgres;

    private final People people = new People();
    private final StandInApi api = new StandInApi(people, "token", "demo");

    @BeforeAll
    static void start() {
        postgres = DemoPostgres.start(12);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void everyRowSent_hasNoDifference() throws Exception {
        sendEveryRow();

        Comparison.Result result = compare();
        assertThat(result).isEqualTo(new Comparison.Result(12, 12, 0, List.of()));
        assertThat(result.summary()).isEqualTo("12 rows, 12 people, 0 differences");
    }

    @Test
    void noRowSent_describesTenDifferences() throws Exception {
        Comparison.Result result = compare();

        assertThat(result.rows()).isEqualTo(12);
        assertThat(result.persons()).isZero();
        assertThat(result.differences()).isEqualTo(12);
        assertThat(result.described()).hasSize(10).contains("1 has no person");
    }

    @Test
    void differences_areDescribedWithoutValues() throws Exception {
        sendEveryRow();
        send("{\"userId\":\"2\",\"email\":\"other@example.com\",\"traits\":{\"locale\":\"xx\",\"phone\":5}}");
        send("{\"userId\":\"3\",\"traits\":{\"first_name\":null}}");
        send("{\"userId\":\"4\",\"traits\":{\"deleted_at\":\"2026-11-24T00:00:00Z\"}}");
        send("{\"userId\":\"99\"}");
        send("{\"userId\":\"98\",\"traits\":{\"deleted_at\":\"2026-11-24T00:00:00Z\"}}");
        send("{\"userId\":\"5\",\"traits\":{\"deleted_at\":null,\"plan\":\"x\"}}");

        Comparison.Result result = compare();
        assertThat(result.described())
                .containsExactly(
                        "2 differs in email, phone, locale",
                        "3 differs in first_name",
                        "4 differs in deleted_at",
                        "99 has no row");
        assertThat(result.differences()).isEqualTo(4);
        assertThat(result.persons()).isEqualTo(12);
    }

    private Comparison.Result compare() throws SQLException {
        try (Connection connection = postgres.connect()) {
            return Comparison.of(connection, people);
        }
    }

    private void sendEveryRow() throws Exception {
        String traits = "first_name, last_name, phone, avatar_url, timezone, locale";
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, email, to_jsonb(t) FROM public.users u,"
                        + " LATERAL (SELECT " + traits + " FROM public.users WHERE id = u.id) t")) {
            while (row.next()) {
                ObjectNode person = JSON.createObjectNode();
                person.put("userId", row.getString(1)).put("email", row.getString(2));
                person.set("traits", json(row.getString(3)));
                send(person.toString());
            }
        }
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    private void send(String person) {
        byte[] body = person.getBytes(StandardCharsets.UTF_8);
        ApiResponse response = api.answer(new ApiRequest(
                "POST", "/api/v1/workspaces/demo/people/upsert", null, "Bearer token", ApiRequest.parse(body)));
        assertThat(response.status()).isEqualTo(200);
    }
}
