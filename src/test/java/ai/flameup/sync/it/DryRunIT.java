package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** {@code run --dry-run}. */
class DryRunIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Fixture fixture() {
        return new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    private static SyncProcess.Result expect(int code, Fixture fixture, String... more) {
        String[] arguments = new String[more.length + 2];
        arguments[0] = "run";
        arguments[1] = "--dry-run";
        System.arraycopy(more, 0, arguments, 2, more.length);
        SyncProcess.Result result = fixture.start(arguments).awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
        return result;
    }

    private static List<JsonNode> bodies(String document) throws Exception {
        return StreamSupport.stream(JSON.readTree(document).path("requests").spliterator(), false)
                .map(request -> request.path("body"))
                .toList();
    }

    private static String server(Fixture fixture) throws Exception {
        return fixture.value(
                "SELECT concat_ws(' ', (SELECT string_agg(concat_ws('/', slot_name, confirmed_flush_lsn), ',')"
                        + " FROM pg_replication_slots WHERE database = current_database()),"
                        + " (SELECT string_agg(concat_ws('/', oid, xmin), ',') FROM pg_publication))");
    }

    @Test
    void dryRun_beforeFirstStart_countsEveryRow_createsNothing() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 700);
            String before = server(fixture);

            SyncProcess.Result plain = expect(0, fixture);
            assertThat(plain.out()
                            .lines()
                            .filter(line -> line.startsWith("POST /api/v1/workspaces/demo/people/upsert")))
                    .hasSize(700);
            assertThat(plain.out()).contains("Would send 700 persons: 700 requests one by one, 7 in batches");
            JsonNode document = JSON.readTree(expect(0, fixture, "--json").out());
            assertThat(document.path("requests")).hasSize(700);
            assertThat(document.path("requests_singly").asInt()).isEqualTo(700);
            assertThat(document.path("requests_in_batches").asInt()).isEqualTo(7);

            assertThat(server(fixture)).isEqualTo(before);
            assertThat(Files.exists(fixture.stateDirectory())).isFalse();
            assertThat(fixture.standIn().requests()).isZero();
        }
    }

    @Test
    void dryRun_countsWhatNextRunSends() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 50);
            fixture.catchUp();
            fixture.execute(
                    "UPDATE public.users SET phone = '2', plan = NULL WHERE id <= 10",
                    "INSERT INTO public.users (id, email, phone) VALUES (77, 'new@example.com', '1')",
                    "DELETE FROM public.users WHERE id = 50");
            SyncProcess asked = fixture.start("backfill", "start", "--where", "id IN (30, 31)", "--detach");
            assertThat(asked.awaitExit(LIMIT).exitCode()).isZero();
            String server = server(fixture);
            String store = fixture.store().content();
            long requests = fixture.standIn().requests();

            List<JsonNode> first = bodies(expect(0, fixture, "--json").out());
            List<JsonNode> second = bodies(expect(0, fixture, "--json").out());

            assertThat(first).hasSize(13).containsExactlyInAnyOrderElementsOf(second);
            assertThat(server(fixture)).isEqualTo(server);
            assertThat(fixture.store().content()).isEqualTo(store);
            assertThat(fixture.standIn().requests()).isEqualTo(requests);

            fixture.catchUp();
            fixture.assertConverged();
            List<AppliedPerson> sent =
                    fixture.standIn().history().stream().skip(requests).toList();
            assertThat(sent)
                    .extracting(AppliedPerson::userId)
                    .containsExactlyInAnyOrderElementsOf(first.stream()
                            .map(body -> body.path("userId").asText())
                            .toList());
            assertThat(first)
                    .filteredOn(body -> body.path("userId").asText().equals("7"))
                    .singleElement()
                    .satisfies(body -> {
                        assertThat(body.path("traits").path("phone").asText()).isEqualTo("2");
                        assertThat(body.path("traits").path("plan").isNull()).isTrue();
                    });
            assertThat(bodies(expect(0, fixture, "--json").out())).isEmpty();
        }
    }

    @Test
    void dryRun_countsParkedRows() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("user-id: id", "user-id: external_ref");
            fixture.insertUsers(1, 10);
            fixture.execute("UPDATE public.users SET external_ref = NULL WHERE id = 4");

            SyncProcess.Result result = expect(ATTENTION, fixture);

            assertThat(result.out()).contains("Would send 9 persons").contains("1 would be parked");
            expect(USAGE, fixture, "--until-caught-up", "--json", "--nonsense");
        }
    }
}
