package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** G8: secrets and data planted in rows, configuration and responses appear in no output of a whole run. */
class DiscretionIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String PASSWORD = "pl4nted-passw0rd";
    private static final String TOKEN = "ws_test_demo_pl4nted.t0ken";
    private static final String HOOK = "pl4nted-h00k";
    private static final String EMAIL = "planted-address";
    private static final String TRAIT = "planted trait";
    private static final String UNMAPPED = "planted unmapped";
    /** The response of the API for the refused person. */
    private static final String REASON = "planted reason";

    private static final List<String> SECRETS = List.of(PASSWORD, TOKEN, HOOK);
    private static final List<String> PERSONAL = List.of(EMAIL, TRAIT, UNMAPPED, REASON);

    private final Map<String, String> seen = new TreeMap<>();

    @ParameterizedTest
    @ValueSource(strings = {"plain", "json"})
    void run_leaksNoPersonalData(String format) throws Exception {
        try (Onlookers onlookers = new Onlookers();
                Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            plant(fixture);
            configure(fixture, onlookers);
            fixture.standIn()
                    .token(TOKEN)
                    .when(
                            StandIn.about("7"),
                            Behaviour.status(422)
                                    .body("{\"error\": \"invalid\", \"message\": \"" + REASON + " " + EMAIL
                                            + "7@example.com\"}"));
            SyncProcess run = fixture.start("--log-format", format, "run");
            String url = Onlookers.url(run);
            Eventually.within(
                    60,
                    "one is parked and nine are delivered",
                    () -> onlookers.get(url + "metrics").body().contains("flameup_sync_dead_letters{status=\"422\"} 1")
                            && fixture.standIn().personCount() == 9);
            fixture.execute("UPDATE public.users SET first_name = 'another " + TRAIT + "' WHERE id = 3");
            seen.put("processes", processes());
            lookAt(onlookers, url);
            command(fixture, "status");
            command(fixture, "status", "--json");
            command(fixture, "backfill", "list");
            fixture.standIn().token("another");
            fixture.execute("UPDATE public.users SET last_name = 'one more " + TRAIT + "' WHERE id = 4");
            Eventually.within(
                    60, "halted", () -> onlookers.get(url + "api/status").body().contains("\"halted\""));
            lookAt(onlookers, url);
            Eventually.within(
                    60, "a webhook call", () -> onlookers.told().stream().anyMatch(text -> text.contains("halted")));
            run.term();
            run.awaitExit(LIMIT);
            seen.put("log " + format, run.err() + run.out());
            seen.put("webhook", String.join("\n", onlookers.told()));
            seen.put("metrics file", metricsFile(fixture));

            SECRETS.forEach(secret -> assertNowhere(seen, secret));
            PERSONAL.forEach(personal -> assertNowhere(seen, personal));
            assertThat(seen)
                    .allSatisfy((where, text) -> assertThat(text).as(where).isNotEmpty());
            assertStateIsOurs(fixture.stateDirectory());
        }
    }

    private static void plant(Fixture fixture) throws SQLException {
        fixture.insertUsers(1, 10);
        fixture.execute(
                "UPDATE public.users SET email = '%s' || id || '@example.com', first_name = '%s', last_name = '%s',"
                                .formatted(EMAIL, TRAIT, TRAIT)
                        + " big = repeat('%s ', 1000), internal_note = '%s'".formatted(TRAIT, UNMAPPED));
    }

    private static void configure(Fixture fixture, Onlookers onlookers) throws IOException, SQLException {
        fixture.environment().put("FLAMEUP_TOKEN", TOKEN);
        Path password = Files.writeString(fixture.directory().resolve("password"), PASSWORD);
        String role = "discreet_" + fixture.database();
        fixture.execute(
                "DROP ROLE IF EXISTS " + role,
                "CREATE ROLE %s LOGIN SUPERUSER PASSWORD '%s'".formatted(role, PASSWORD));
        PostgresServer server = fixture.server();
        fixture.configure(text -> onlookers.welcome(
                text.replace(
                        "username: %s\n  password: %s\n".formatted(server.username(), server.password()),
                        "username: %s\n  password-file: %s\n".formatted(role, password)),
                HOOK));
    }

    private void lookAt(Onlookers onlookers, String url) {
        for (String path : List.of("", "app.js", "metrics", "livez", "readyz", "api/status", "api/history")) {
            seen.merge("/" + path, onlookers.get(url + path).body(), String::concat);
        }
    }

    private void command(Fixture fixture, String... command) {
        SyncProcess.Result result = fixture.start(command).awaitExit(LIMIT);
        assertThat(result.exitCode()).as("%s", result).isZero();
        seen.put(String.join(" ", command), result.out() + result.err());
    }

    private String metricsFile(Fixture fixture) throws IOException {
        Path file = fixture.directory().resolve("job.prom");
        SyncProcess.Result result = fixture.start("run", "--until-caught-up", "--metrics-file", file.toString())
                .awaitExit(LIMIT);
        seen.put("log of a finite run", result.err() + result.out());
        return Files.readString(file);
    }

    /** The arguments as ps shows them to every user. */
    private static String processes() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                lines.add(commandLine(process));
            }
        }
        return String.join("\n", lines);
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }

    private static void assertNowhere(Map<String, String> seen, String planted) {
        assertThat(seen).allSatisfy((where, text) -> assertThat(text).as(where).doesNotContain(planted));
    }

    /** Asserts that only the owner can read the files, and that they contain no trait, unmapped column or secret. */
    private static void assertStateIsOurs(Path state) throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.walk(state)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as("%s", file)
                        .isEqualTo("rw-------");
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(content).as("%s", file).doesNotContain(TRAIT, UNMAPPED, PASSWORD, TOKEN, HOOK);
                if (!file.getFileName().toString().startsWith("state.db")) {
                    assertThat(content).as("%s", file).doesNotContain(EMAIL, REASON);
                } else {
                    assertThat(content.replace(EMAIL + "7@", "")).as("%s", file).doesNotContain(EMAIL);
                }
            }
        }
    }
}
