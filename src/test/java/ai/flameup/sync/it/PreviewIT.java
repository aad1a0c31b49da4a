package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command {@code preview}: it shows what would be sent and changes nothing. */
class PreviewIT {
    static final String PATH = "/api/v1/workspaces/demo/people/upsert";

    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int ATTENTION = 6;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    /** Numbers keep their digits, as they do at the stand-in. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static Fixture fixture() {
        return new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    private static SyncProcess.Result preview(Fixture fixture, String... options) {
        List<String> command = new ArrayList<>(List.of("preview"));
        command.addAll(List.of(options));
        SyncProcess.Result result =
                fixture.start(command.toArray(String[]::new)).awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        assertThat(result.toString()).doesNotContain(Fixture.TOKEN, "Authorization", "Bearer");
        return result;
    }

    private static SyncProcess.Result shown(Fixture fixture, String... options) {
        SyncProcess.Result result = preview(fixture, options);
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.err()).isEmpty();
        return result;
    }

    private static void refused(Fixture fixture, int exitCode, List<String> says, String... options) {
        SyncProcess.Result result = preview(fixture, options);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        assertThat(result.out()).isEmpty();
        assertThat(result.errLines()).singleElement().satisfies(line -> assertThat(line)
                .contains(says));
    }

    /** Returns the bodies in the text output: every line except the first of a request. */
    private static List<String> bodies(SyncProcess.Result result) {
        List<String> lines = result.out().lines().toList();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < lines.size(); i += 2) {
            assertThat(lines.get(i)).isEqualTo("POST " + PATH);
            bodies.add(lines.get(i + 1));
        }
        return bodies;
    }

    private static List<JsonNode> json(SyncProcess.Result result) throws IOException {
        JsonNode tree = JSON.readTree(result.out());
        assertThat(tree.fieldNames()).toIterable().containsExactly("requests");
        return StreamSupport.stream(tree.path("requests").spliterator(), false).toList();
    }

    private static List<String> userIds(List<String> bodies) throws IOException {
        List<String> ids = new ArrayList<>();
        for (String body : bodies) {
            ids.add(JSON.readTree(body).path("userId").asText());
        }
        return ids;
    }

    /** The bodies of all received requests by user id, byte for byte. */
    private static Map<String, String> sent(Fixture fixture) {
        fixture.catchUp();
        return fixture.standIn().history().stream()
                .collect(Collectors.toMap(
                        AppliedPerson::userId, call -> call.person().toString(), (before, after) -> after));
    }

    /** Returns the content and time of change of every file below the directory. */
    private static Map<String, String> files(Path directory) {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.toList()) {
                String content = Files.isDirectory(file)
                        ? "directory"
                        : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                files.put(file.toString(), Files.getLastModifiedTime(file) + " " + content.hashCode());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    @ParameterizedTest
    @MethodSource("ai.flameup.sync.it.PostgresServer#versions")
    void preview_showsWhatFirstLoadSends(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    "CREATE TABLE public.guests (id bigint PRIMARY KEY, email text, name text, photo bytea, about jsonb,"
                            + " raw json, tags text[], born date, seen timestamptz, ratio double precision,"
                            + " balance numeric(12,2), stay interval, big text)",
                    "INSERT INTO public.guests VALUES (2, 'b@example.com', E'Zoë \"q\" \\\\ 😀\\n', '\\x00ff10',"
                            + " '{\"n\": 1.50, \"s\": \"ü\"}', '{ \"a\" :  1e2 }', '{a,NULL,\"b c\"}', '2001-02-03',"
                            + " '2026-11-23 15:42:00.5+01', 0.1, 19.90, '2 days', repeat('0123456789', 300000))",
                    "INSERT INTO public.guests (id) VALUES (-1)",
                    "INSERT INTO public.guests (id, email, balance) VALUES (10, '  ', 'NaN')");
            OtherTable table = OtherTable.of(
                    fixture, "guests", "id", "email", "name", "photo", "about", "raw", "tags", "born", "seen", "ratio",
                    "balance", "stay", "big");
            table.configure();

            List<String> bodies = bodies(shown(fixture));
            List<JsonNode> requests = json(shown(fixture, "--json"));

            assertThat(userIds(bodies)).containsExactly("-1", "2", "10");
            assertThat(bodies.get(0)).isEqualTo("{\"userId\":\"-1\",\"traits\":{}}");
            assertThat(bodies.get(1))
                    .startsWith("{\"userId\":\"2\",\"email\":\"b@example.com\",\"traits\":{\"name\":\"Zoë ")
                    .contains("\"photo\":\"AP8Q\"", "\"raw\":{ \"a\" :  1e2 },", "\"balance\":19.90,", "\"P2D\"")
                    .hasSizeGreaterThan(3_000_000);
            assertThat(bodies.get(2)).isEqualTo("{\"userId\":\"10\",\"traits\":{\"balance\":\"NaN\"}}");
            for (int i = 0; i < 3; i++) {
                assertThat(requests.get(i).fieldNames())
                        .toIterable()
                        .containsExactly("user_id", "key", "method", "path", "body");
                assertThat(requests.get(i).path("path").asText()).isEqualTo(PATH);
                assertThat(requests.get(i).path("method").asText()).isEqualTo("POST");
                assertThat(requests.get(i).path("body")).isEqualTo(JSON.readTree(bodies.get(i)));
            }
            Map<String, String> sent = sent(fixture);
            assertThat(sent).hasSize(3);
            for (String body : bodies) {
                JsonNode person = JSON.readTree(body);
                assertThat(sent.get(person.path("userId").asText())).isEqualTo(person.toString());
            }
        }
    }

    @Test
    void document_isAscii_keepsEveryDigit() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("INSERT INTO public.users (id, first_name, balance) VALUES (7, E'ü\\u202e😀', 19.90)");

            String out = shown(fixture, "--json").out();

            assertThat(out)
                    .isEqualTo(
                            "{\"requests\":[{\"user_id\":\"7\",\"key\":[\"7\"],\"method\":\"POST\",\"path\":\"" + PATH
                                    + "\",\"body\":{\"userId\":\"7\",\"traits\":{\"first_name\":\"\\u00FC\\u202E\\uD83D\\uDE00\","
                                    + "\"balance\":19.90}}}]}\n");
            assertThat(shown(fixture).out()).contains("\"ü\\u202E😀\"");
        }
    }

    @Test
    void limit_defaultsToTen() throws Exception {
        try (Fixture fixture = fixture()) {
            assertThat(shown(fixture).out()).isEqualTo("There are no rows\n");
            assertThat(json(shown(fixture, "--json"))).isEmpty();
            // later rows first, so that the order is the key's and no other
            fixture.insertUsers(500, 1_000);
            fixture.insertUsers(1, 499);

            assertThat(userIds(bodies(shown(fixture))))
                    .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
            assertThat(userIds(bodies(shown(fixture, "--limit", "3")))).containsExactly("1", "2", "3");
            assertThat(json(shown(fixture, "--limit", "700", "--json"))).hasSize(700);
            assertThat(json(shown(fixture, "--limit", "5000", "--json")))
                    .extracting(request -> request.path("user_id").asInt())
                    .hasSize(1_000)
                    .doesNotHaveDuplicates()
                    .isSorted();
            refused(fixture, USAGE, List.of("--limit is 0"), "--limit", "0");
        }
    }

    @Test
    void ids_areUserIds() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE TABLE public.members (no int PRIMARY KEY, login varchar(3), email text)",
                    "INSERT INTO public.members VALUES (1, 'ann', NULL), (2, 'bob', NULL), (3, 'bob', NULL), (4, NULL, NULL)");
            OtherTable.of(fixture, "members", "login", "email").configure();

            assertThat(userIds(bodies(shown(fixture, "--id", "bob", "ann")))).containsExactly("bob", "bob", "ann");
            assertThat(userIds(bodies(shown(fixture, "--id", "ann", "--id", "bob"))))
                    .containsExactly("ann", "bob", "bob");
            assertThat(userIds(bodies(shown(fixture, "--id", "bob", "ann", "--limit", "1"))))
                    .containsExactly("bob");

            // 1 is a row's key, and anna would be ann, were it cut to the column's length
            refused(fixture, ATTENTION, List.of("no row", "1"), "--id", "1");
            refused(fixture, ATTENTION, List.of("no row", "anna"), "--id", "anna");
            SyncProcess.Result some = preview(fixture, "--id", "ann", "x", "--json");
            assertThat(some.exitCode()).isEqualTo(ATTENTION);
            assertThat(json(some)).hasSize(1);
            assertThat(some.errLines()).containsExactly("flameup-sync: no row has the user id x");
        }
    }

    @Test
    void ids_ofOtherTypes_areSupported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE EXTENSION citext SCHEMA public",
                    "CREATE TABLE public.things (u uuid PRIMARY KEY, n bigint, b bytea, c citext, m numeric(9,2))",
                    "INSERT INTO public.things VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', -5, '\\x00ff10', 'Ann', 2.00)");
            Map<String, String> ids = Map.of(
                    "u", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "n", "-5", "b", "AP8Q", "c", "ann", "m", "2.00");
            for (Map.Entry<String, String> id : ids.entrySet()) {
                configureUserId(fixture, id.getKey());
                assertThat(bodies(shown(fixture, "--id", id.getValue())))
                        .as(id.getKey())
                        .hasSize(1);
            }
            Map<String, String> malformed = new HashMap<>(Map.of(
                    "u", "invalid input syntax for type uuid: \"zebra\"",
                    "n", "invalid input syntax for type bigint: \"zebra\"",
                    "b", "invalid base64",
                    "m", "invalid input syntax for type numeric: \"zebra\""));
            for (Map.Entry<String, String> wrong : malformed.entrySet()) {
                configureUserId(fixture, wrong.getKey());
                refused(fixture, USAGE, List.of(wrong.getValue()), "--id", ids.get(wrong.getKey()), "zebra");
            }
            configureUserId(fixture, "n");
            refused(fixture, USAGE, List.of("out of range"), "--id", "9223372036854775808");
            configureUserId(fixture, "m");
            refused(fixture, ATTENTION, List.of("no row"), "--id", "1.999");
        }
    }

    private static void configureUserId(Fixture fixture, String column) {
        fixture.configure(text -> text.replaceAll("(?s)mapping:.*?state:", """
                        mapping:
                          user-id: %s
                          email: null
                          traits: {of: {value: all}}
                        state:""".formatted(column))
                .replace("public.users", "public.things"));
    }

    @Test
    void rowsToPark_haveReason() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE TABLE public.members (tenant int, no int, login text, email text, PRIMARY KEY (tenant, no))",
                    "INSERT INTO public.members VALUES (1, 1, NULL, 'a@example.com'), (1, 2, '', NULL), (2, 1, 'ann', NULL)");
            OtherTable.of(fixture, "members", "login", "email").configure();

            assertThat(shown(fixture).out().lines())
                    .containsExactly(
                            "not sent: the user id is null (primary key 1, 1)",
                            "not sent: the user id is empty (primary key 1, 2)",
                            "POST " + PATH,
                            "{\"userId\":\"ann\",\"traits\":{}}");
            assertThat(json(shown(fixture, "--json", "--limit", "1")))
                    .extracting(JsonNode::toString)
                    .containsExactly("{\"user_id\":null,\"key\":[\"1\",\"1\"],\"reason\":\"the user id is null\"}");
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters())
                    .extracting(letter -> letter.get("reason"))
                    .containsExactlyInAnyOrder("the user id is null", "the user id is empty");
        }
    }

    /** It works without slot and publication, with a role that can only read the mapped columns. */
    @Test
    void preview_needsOnlySelect() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of("wal_level", "replica"));
                Fixture fixture = new Fixture(server)) {
            fixture.insertUsers(1, 5);
            fixture.execute(
                    "CREATE ROLE reader LOGIN PASSWORD 'any'",
                    "GRANT SELECT (id, email, " + String.join(", ", Fixture.TRAITS) + ") ON public.users TO reader");
            fixture.configure(
                    "username: " + server.username() + "\n  password: " + server.password(),
                    "username: reader\n  password: any");
            fixture.environment().remove("FLAMEUP_TOKEN");
            String before = server.fingerprint(fixture.database());

            assertThat(bodies(shown(fixture))).hasSize(5);
            fixture.configure(text -> text.replace("  token: ${FLAMEUP_TOKEN}\n", "")
                    .replace(
                            "username: " + server.username() + "\n  password: " + server.password(),
                            "username: reader\n  password: any"));
            assertThat(bodies(shown(fixture, "--id", "3"))).hasSize(1);

            assertThat(server.fingerprint(fixture.database())).isEqualTo(before);
            assertThat(fixture.stateDirectory()).doesNotExist();
            assertThat(fixture.standIn().requests()).isZero();

            fixture.execute("REVOKE SELECT (plan) ON public.users FROM reader");
            refused(fixture, POSTGRES, List.of("reader may not read column plan", "GRANT SELECT"));
        }
    }

    @Test
    void preview_changesNothing() throws Exception {
        // Autovacuum writes too, and would move the server's next transaction id.
        try (PostgresServer quiet = PostgresServer.launch(PostgresServer.NEWEST, Map.of("autovacuum", "off"));
                Fixture fixture = new Fixture(quiet)) {
            fixture.insertUsers(1, 20);
            fixture.catchUp();
            // ahead of the slot, so that whatever moved it would be seen
            fixture.insertUsers(21, 25);
            fixture.awaitReleased();
            String server = fixture.server().fingerprint(fixture.database());
            Map<String, String> files = files(fixture.stateDirectory());
            long requests = fixture.standIn().requests();
            String written = writes(fixture);

            assertThat(bodies(shown(fixture, "--limit", "100"))).hasSize(25);
            assertThat(bodies(shown(fixture, "--id", "3", "24"))).hasSize(2);

            assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(server);
            assertThat(files(fixture.stateDirectory())).isEqualTo(files);
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
            assertThat(writes(fixture)).isEqualTo(written);
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    /** Returns a counter that every writing transaction increments. */
    private static String writes(Fixture fixture) throws SQLException {
        // Otherwise the session that inserted the rows reports them some time later.
        fixture.execute("SELECT pg_stat_force_next_flush()");
        return fixture.value("SELECT pg_snapshot_xmax(pg_current_snapshot()) || ' ' || (SELECT n_tup_ins + n_tup_upd"
                + " + n_tup_del FROM pg_stat_user_tables WHERE relname = 'users')");
    }

    @Test
    void lockedStateDirectory_isTolerated() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 5);
            SyncProcess run = fixture.run();
            run.awaitLog("Following", LIMIT);
            assertThat(bodies(shown(fixture))).hasSize(5);
            assertThat(run.isAlive()).isTrue();
        }
    }

    @Test
    void unreachableServerAndMissingTable_areRefused() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("public.users", "public.missing");
            refused(fixture, POSTGRES, List.of("table public.missing does not exist"));
            fixture.execute("CREATE TABLE public.pairs (id int, email text)");
            fixture.configure(text ->
                    text.replaceAll("(?s)  traits:.*?state:", "state:").replace("public.users", "public.pairs"));
            refused(fixture, POSTGRES, List.of("public.pairs", "no primary key"));
            int unusedPort = EmbeddedServer.freePort();
            fixture.configure(":" + fixture.server().port() + "/", ":" + unusedPort + "/");
            refused(fixture, POSTGRES, List.of("127.0.0.1:" + unusedPort, "check postgres.url"));
        }
    }

    @Test
    void otherConfiguration_isChecked() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("  user-id: id", "  user-ids: id");
            refused(fixture, USAGE, List.of("mapping.user-ids", "did you mean user-id?"));
        }
    }
}
