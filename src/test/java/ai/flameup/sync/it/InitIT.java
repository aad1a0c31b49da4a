package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a table to the first person, with the generated configuration alone. */
class InitIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static Fixture fixture() throws Exception {
        return fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    private static Fixture fixture(PostgresServer server) throws Exception {
        Fixture fixture = new Fixture(server);
        Files.delete(fixture.configurationFile());
        fixture.environment().put("PGPASSWORD", server.password());
        return fixture;
    }

    private static String url(Fixture fixture) {
        return "postgres://%s@%s:%d/%s"
                .formatted(
                        fixture.server().username(),
                        fixture.server().host(),
                        fixture.server().port(),
                        fixture.database());
    }

    private static SyncProcess.Result init(Fixture fixture, String... options) {
        List<String> command = new ArrayList<>(List.of("init"));
        command.addAll(List.of(options));
        return fixture.start(command.toArray(String[]::new)).awaitExit(LIMIT);
    }

    private static SyncProcess.Result initOf(Fixture fixture, String table) {
        return init(
                fixture,
                "--url",
                url(fixture),
                "--table",
                table,
                "--workspace",
                "demo",
                "--base-url",
                fixture.standIn().baseUrl().toString());
    }

    private static SyncProcess.Result written(Fixture fixture, String table) {
        SyncProcess.Result result = initOf(fixture, table);
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.err()).isEmpty();
        return result;
    }

    private static void refused(Fixture fixture, SyncProcess.Result result, int exitCode, String... texts) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        BadInputIT.assertNoStackTrace(result);
        assertThat(result.err()).contains(texts);
        assertThat(fixture.configurationFile()).doesNotExist();
    }

    private static Map<String, JsonNode> traits(Fixture fixture, String id) {
        return fixture.standIn().persons().stream()
                .filter(person -> person.externalId().equals(id))
                .map(StoredPerson::traits)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void generatedConfiguration_deliversEveryRow() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 50);
            String before = fixture.server().fingerprint(fixture.database());

            SyncProcess.Result result = written(fixture, "public.users");

            assertThat(result.out())
                    .contains("id: the primary key", "export FLAMEUP_TOKEN", "export PGPASSWORD", "flameup-sync run")
                    .contains("role      " + fixture.server().username() + " is a superuser", "--admin-url URL")
                    .doesNotContain("Before the first run");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.configurationFile())))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(fixture.configurationFile()))
                    .containsPattern("only-from: \"?" + fixture.server().host() + "/" + fixture.database());
            assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(before);
            assertThat(fixture.standIn().requests()).isZero();

            fixture.catchUp();
            fixture.assertConverged();
            assertThat(fixture.stateDirectory()).isDirectory();
        }
    }

    @Test
    void missingRole_administratorReadsCatalog() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.environment()
                    .put("FLAMEUP_SYNC_ADMIN_PASSWORD", fixture.server().password());
            SyncProcess.Result result = init(
                    fixture,
                    "--url",
                    url(fixture).replace(fixture.server().username() + "@", "not_yet@"),
                    "--admin-url",
                    url(fixture),
                    "--table",
                    "users",
                    "--workspace",
                    "demo");
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.out())
                    .contains("flameup-sync setup", "--admin-url URL", "flameup-sync doctor", "flameup-sync preview")
                    .doesNotContain("Before the first run", "superuser");
            assertThat(Files.readString(fixture.configurationFile()))
                    .contains("username: not_yet", "password: ${PGPASSWORD}", "first_name: first_name");
        }
    }

    @Test
    void output_defaultsToWorkingDirectory() throws Exception {
        try (Fixture fixture = fixture()) {
            try (SyncProcess process = SyncProcess.start(
                    fixture.directory(),
                    fixture.environment(),
                    List.of("init", "-q", "--url", url(fixture), "--table", "users", "--workspace", "demo"))) {
                SyncProcess.Result result = process.awaitExit(LIMIT);
                assertThat(result.exitCode()).as("%s", result).isZero();
                assertThat(result.out()).isEmpty();
                assertThat(result.err()).isEmpty();
            }
            assertThat(fixture.directory().resolve("flameup-sync.yaml"))
                    .content()
                    .contains("base-url: https://api.flameup.ai");
        }
    }

    @Test
    void existingFile_isNotOverwritten() throws Exception {
        try (Fixture fixture = fixture()) {
            Files.writeString(fixture.configurationFile(), "mine: true\n");

            SyncProcess.Result result = initOf(fixture, "users");

            assertThat(result.exitCode()).as("%s", result).isEqualTo(USAGE);
            assertThat(result.errLines()).singleElement().asString().contains("exists", "flameup-sync.yaml");
            assertThat(fixture.configurationFile()).hasContent("mine: true\n");
        }
    }

    /** This also applies to a link whose target does not exist yet. */
    @Test
    void symbolicLink_isNotFollowed() throws Exception {
        try (Fixture fixture = fixture()) {
            Path target = fixture.directory().resolve("target.yaml");
            Files.createSymbolicLink(fixture.configurationFile(), target);

            assertThat(initOf(fixture, "users").exitCode()).isEqualTo(USAGE);
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void problems_areReportedTogether() throws Exception {
        try (Fixture fixture = fixture()) {
            refused(
                    fixture,
                    init(fixture),
                    USAGE,
                    "--url is missing",
                    "--username is missing",
                    "--table is missing",
                    "--workspace is missing");
            refused(
                    fixture,
                    init(fixture, "--url", "mysql://db/app", "--table", "a.b.c", "--base-url", "http://example.com"),
                    USAGE,
                    "--url must be",
                    "--table is a.b.c",
                    "--workspace is missing",
                    "--base-url is http://example.com");
        }
    }

    @Test
    void missingDirectory_isRefused() throws Exception {
        try (Fixture fixture = fixture()) {
            Path file = fixture.directory().resolve("nowhere/flameup-sync.yaml");
            try (SyncProcess process = SyncProcess.start(
                    fixture.directory(), fixture.environment(), List.of("init", "--config", file.toString()))) {
                refused(fixture, process.awaitExit(LIMIT), USAGE, file.toString(), "directory does not exist");
            }
        }
    }

    @Test
    void password_isNotWrittenOrPrinted() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.OLDEST, Map.of());
                Fixture fixture = fixture(server)) {
            fixture.insertUsers(1, 5);
            fixture.execute("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'right/secret'");
            server.demandPassword("guarded");
            fixture.environment().remove("PGPASSWORD");
            String url = "postgresql://guarded:%s@" + server.host() + ":" + server.port() + "/" + fixture.database();
            String[] rest = {
                "--table",
                "users",
                "--workspace",
                "demo",
                "--base-url",
                fixture.standIn().baseUrl().toString()
            };

            SyncProcess.Result wrong = init(fixture, with(rest, "--url", url.formatted("wrong-secret")));
            refused(fixture, wrong, POSTGRES, "guarded", "postgres.password");
            assertThat(wrong.toString()).doesNotContain("wrong-secret");

            refused(
                    fixture,
                    init(fixture, with(rest, "--url", url.replace(":%s@", "@"))),
                    POSTGRES,
                    "postgres.password");

            SyncProcess.Result stray = init(fixture, with(rest, url.formatted("wrong-secret")));
            refused(fixture, stray, USAGE, "--url URL");
            assertThat(stray.toString()).doesNotContain("wrong-secret");

            SyncProcess.Result right = init(fixture, with(rest, "--url", url.formatted("right%2Fsecret")));
            assertThat(right.exitCode()).as("%s", right).isZero();
            assertThat(right.toString()).doesNotContain("right/secret", "right%2Fsecret");
            assertThat(Files.readString(fixture.configurationFile()))
                    .contains("password: ${PGPASSWORD}")
                    .doesNotContain("secret@", "right");

            fixture.environment().put("PGPASSWORD", "right/secret");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    private static String[] with(String[] rest, String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(rest));
        return all.toArray(String[]::new);
    }

    @Test
    void unreachableServer_isRefused() throws Exception {
        try (Fixture fixture = fixture()) {
            int unusedPort = EmbeddedServer.freePort();
            refused(
                    fixture,
                    init(
                            fixture,
                            "--url",
                            "postgres://me@127.0.0.1:" + unusedPort + "/app",
                            "--table",
                            "t",
                            "--workspace",
                            "w"),
                    POSTGRES,
                    "127.0.0.1:" + unusedPort,
                    "check postgres.url");
        }
    }

    @Test
    void missingTable_suggestsSimilarNames() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE SCHEMA \"My App\"",
                    "CREATE TABLE \"My App\".\"Users\" (id int PRIMARY KEY)",
                    "CREATE TABLE invoices (id int PRIMARY KEY)");
            SyncProcess.Result result = initOf(fixture, "public.user");
            refused(fixture, result, POSTGRES, "table public.user does not exist", "public.users", "\"My App\".Users");
            assertThat(result.err()).doesNotContain("invoices");
            refused(fixture, initOf(fixture, "usres"), POSTGRES, "similar names: public.users");
            refused(
                    fixture,
                    initOf(fixture, "public.zebra"),
                    POSTGRES,
                    "table public.zebra does not exist",
                    "no table has a similar name");
        }
    }

    @Test
    void tableWithoutPrimaryKey_isRefused() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("ALTER TABLE public.users DROP CONSTRAINT users_pkey");
            refused(fixture, initOf(fixture, "users"), POSTGRES, "no primary key", "ADD PRIMARY KEY");
        }
    }

    @Test
    void compositeKey_needsUniqueUserId() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE TABLE members (tenant int, no int, nullable text UNIQUE, login text NOT NULL, email text,"
                            + " PRIMARY KEY (tenant, no))",
                    "INSERT INTO members VALUES (1, 2, 'x', 'ann', 'ann@example.com')");
            refused(fixture, initOf(fixture, "members"), POSTGRES, "2 columns (tenant, no)", "ADD UNIQUE");

            fixture.execute("CREATE UNIQUE INDEX partly ON members (login) WHERE tenant = 1");
            refused(fixture, initOf(fixture, "members"), POSTGRES, "2 columns (tenant, no)");

            fixture.execute("CREATE UNIQUE INDEX wholly ON members (login)");
            assertThat(written(fixture, "members").out()).contains("login: unique", "2 columns (tenant, no)");
            fixture.catchUp();
            assertThat(traits(fixture, "ann")).containsOnlyKeys("tenant", "no", "nullable");
        }
    }

    @Test
    void unusualNames_areQuoted() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE SCHEMA \"My App\"",
                    "CREATE TABLE \"My App\".\"Ünited.Users\" (\"User Id\" int PRIMARY KEY, \"E_Mail\" text,"
                            + " \"on\" text, \"null\" text, \"a: b\" text, \"x\"\"y\" text, \"#no\" text, \"1st\" text,"
                            + " \"grün\" text, \"${HOME}\" text, \"Plan\" text)",
                    "INSERT INTO \"My App\".\"Ünited.Users\""
                            + " VALUES (7, 'a@example.com', '1', '2', '3', '4', '5', '6', '7', '8', '9')");

            written(fixture, "\"My App\".\"Ünited.Users\"");
            fixture.catchUp();

            Map<String, JsonNode> traits = traits(fixture, "7");
            assertThat(traits).containsOnlyKeys("on", "null", "a: b", "x\"y", "#no", "1st", "grün", "${HOME}", "Plan");
            assertThat(traits.get("on").asText()).isEqualTo("1");
            assertThat(traits.get("Plan").asText()).isEqualTo("9");
            assertThat(fixture.standIn().persons()).singleElement().satisfies(person -> assertThat(person.email())
                    .isEqualTo("a@example.com"));
        }
    }

    @Test
    void columnsOfAnyType_areSent() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE TABLE guests (id uuid PRIMARY KEY, born date, tags text[], about jsonb, stay interval,"
                            + " home point, email boolean)",
                    "INSERT INTO guests VALUES (md5('1')::uuid, '2001-02-03', '{a,b}', '{\"x\": 1}', '2 days',"
                            + " '(1,2)', true)");

            assertThat(written(fixture, "guests").out()).contains("email     none");
            Files.writeString(
                    fixture.configurationFile(),
                    Files.readString(fixture.configurationFile()).replaceAll("    # (born|about): ", "    $1: "));
            fixture.catchUp();
            fixture.execute("UPDATE guests SET stay = '3 days', tags = '{c}'");
            fixture.catchUp();

            Map<String, JsonNode> traits = traits(fixture, fixture.value("SELECT id FROM guests"));
            assertThat(traits).containsOnlyKeys("born", "tags", "about", "stay", "home", "email");
            assertThat(traits.get("tags")).hasToString("[\"c\"]");
            assertThat(traits.get("stay").asText()).isEqualTo("P3D");
        }
    }

    @Test
    void secretsAndGeneratedColumns_areOmitted() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute(
                    "CREATE TABLE accounts (id int PRIMARY KEY, plan text, password_hash text, \"resetToken\" text,"
                            + " ssn text, full_name text GENERATED ALWAYS AS (plan || '!') STORED)",
                    "INSERT INTO accounts VALUES (1, 'pro', 'hunter2', 'hunter2', 'hunter2')");

            SyncProcess.Result result = written(fixture, "accounts");

            assertThat(result.out())
                    .contains(
                            "password_hash: its name suggests a secret",
                            "resetToken:",
                            "ssn:",
                            "full_name: it is generated")
                    .contains("email     none");
            assertThat(Files.readString(fixture.configurationFile()))
                    .contains("# password_hash: password_hash", "# email: ");
            fixture.catchUp();
            fixture.execute("UPDATE accounts SET plan = 'free'");
            fixture.catchUp();
            assertThat(traits(fixture, "1")).containsOnlyKeys("plan");
            assertThat(fixture.standIn().history().toString()).doesNotContain("hunter2");
        }
    }

    /** As a web framework with a library for sign-in creates it. */
    private static final String COMMON_TABLE = """
            CREATE TABLE members (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                email varchar(255) NOT NULL UNIQUE,
                encrypted_password varchar NOT NULL DEFAULT '',
                reset_password_token varchar,
                first_name varchar,
                last_name varchar,
                phone varchar,
                avatar_url text,
                timezone varchar,
                locale varchar,
                plan varchar NOT NULL DEFAULT 'free',
                "signUpSource" varchar,
                sign_in_count integer NOT NULL DEFAULT 0,
                last_sign_in_at timestamp(6),
                last_sign_in_ip inet,
                birth_date date,
                billing_address text,
                postal_code varchar,
                settings jsonb NOT NULL DEFAULT '{}',
                tags text[],
                is_admin boolean,
                is_test boolean,
                "deletedAt" timestamptz,
                created_at timestamp(6) NOT NULL DEFAULT now(),
                updated_at timestamp(6) NOT NULL DEFAULT now())
            """;

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void commonTable_harmlessColumnsOfUsersAreSent(int version) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    COMMON_TABLE,
                    "INSERT INTO members (email, plan, last_sign_in_ip, settings, is_test, \"deletedAt\")"
                            + " SELECT 'u' || i || '@example.com', 'pro', '10.0.0.9', '{\"theme\": \"dark\"}',"
                            + " nullif(i = 2, false), CASE WHEN i = 3 THEN now() END FROM generate_series(1, 4) i");

            SyncProcess.Result result = written(fixture, "members");

            String condition = "is_test IS NOT TRUE AND \"deletedAt\" IS NULL";
            assertThat(result.out())
                    .contains(
                            "where     " + condition,
                            "last_sign_in_ip: its name or type suggests personal data",
                            "settings: a whole JSON value may contain anything",
                            "deletedAt: where uses it");
            SyncProcess.Result preview = fixture.start("preview").awaitExit(LIMIT);
            assertThat(preview.exitCode()).as("%s", preview).isZero();
            fixture.catchUp();
            assertThat(fixture.standIn().persons())
                    .extracting(StoredPerson::externalId)
                    .containsExactlyInAnyOrder("1", "4");
            assertThat(traits(fixture, "1"))
                    .containsOnlyKeys("plan", "sign_in_count", "created_at")
                    .doesNotContainKey("theme");

            // as the comment offers it
            Files.writeString(
                    fixture.configurationFile(),
                    Files.readString(fixture.configurationFile()).replace("    # theme: {", "    theme: {"));
            fixture.catchUp();
            assertThat(traits(fixture, "1").get("theme").asText()).isEqualTo("dark");
            assertThat(fixture.standIn().history().toString()).doesNotContain("10.0.0.9");
        }
    }

    @Test
    void problemsBeforeRun_areReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 3);
            String role = "reader_" + fixture.database();
            fixture.execute(
                    "CREATE ROLE " + role + " LOGIN PASSWORD 'any'",
                    "GRANT SELECT (id, email, plan) ON public.users TO " + role);
            try {
                fixture.environment().put("PGPASSWORD", "any");
                SyncProcess.Result result = init(
                        fixture,
                        "--url",
                        fixture.server().jdbcUrl(fixture.database()),
                        "--username",
                        role,
                        "--table",
                        "users",
                        "--workspace",
                        "demo",
                        "--base-url",
                        fixture.standIn().baseUrl().toString());
                assertThat(result.exitCode()).as("%s", result).isZero();
                assertThat(result.out())
                        .contains("Before the first run", "ALTER ROLE \"" + role + "\" REPLICATION")
                        .contains("phone: role " + role + " has no right to read it");
                assertThat(Files.readString(fixture.configurationFile())).contains("\n    plan: plan\n");
            } finally {
                fixture.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
            }
        }
    }
}
