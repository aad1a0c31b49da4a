package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No setting of the role changes the behaviour of the sidecar's sessions or ends them. */
class SessionSettingsIT {
    private static final List<String> SETTINGS = List.of(
            "standard_conforming_strings = off",
            "backslash_quote = off",
            "datestyle = 'SQL, DMY'",
            "intervalstyle = 'sql_standard'",
            "timezone = 'Asia/Kolkata'",
            "bytea_output = 'escape'",
            "extra_float_digits = -15",
            "xmloption = 'document'",
            "search_path = 'evil, pg_catalog'",
            "row_security = off",
            "quote_all_identifiers = on",
            "array_nulls = off",
            "transform_null_equals = on",
            "exit_on_error = on",
            "client_min_messages = 'debug5'",
            "default_transaction_read_only = on",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_deferrable = on",
            "synchronous_commit = off",
            "statement_timeout = '2s'",
            "lock_timeout = '1s'",
            "idle_in_transaction_session_timeout = '1s'",
            "idle_session_timeout = '1s'");

    /** Creates a role with the privileges that a run needs, and its publication. */
    private static String role(Fixture fixture) throws SQLException {
        String role = "role_" + fixture.database();
        fixture.execute(
                "CREATE ROLE " + role + " LOGIN REPLICATION",
                "GRANT SELECT ON public.users TO " + role,
                "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");
        fixture.configure("  username: " + fixture.server().username(), "  username: " + role);
        return role;
    }

    private static Set<String> sessions(Fixture fixture, String role) throws SQLException {
        return fixture
                .server()
                .query(
                        "postgres",
                        "SELECT pid FROM pg_stat_activity WHERE usename = '" + role
                                + "' AND backend_type = 'walsender'")
                .stream()
                .map(row -> row.get("pid"))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void hostileSettings_ofTheRole_changeNothing(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            String role = role(fixture);
            List<String> settings = new ArrayList<>(SETTINGS);
            if (version >= 17) {
                settings.add("transaction_timeout = '1s'");
            }
            // A session that resolves names through its search path finds these objects.
            fixture.execute("CREATE SCHEMA evil", "GRANT USAGE ON SCHEMA evil TO " + role);
            fixture.execute("CREATE VIEW evil.pg_replication_slots AS SELECT * FROM pg_catalog.pg_replication_slots"
                    + " WHERE false");
            fixture.execute("GRANT SELECT ON evil.pg_replication_slots TO " + role);
            fixture.execute(
                    "ALTER TABLE public.users ADD raw bytea, ADD ratio float8, ADD wait interval, ADD born date");
            fixture.configure(
                    before -> before.replace("  username: " + fixture.server().username(), "  username: " + role)
                            .replace(
                                    "  traits:\n",
                                    "  traits:\n    raw: raw\n    ratio: ratio\n    wait: wait\n    born: born\n"));
            for (String setting : settings) {
                fixture.execute("ALTER ROLE " + role + " SET " + setting);
            }
            fixture.insertUsers(1, 2_000);
            fixture.execute(
                    "UPDATE public.users SET raw = '\\x00ff5c', ratio = 0.1, wait = '1 day', born = '2026-11-23'");

            // by the first load
            SyncProcess run = fixture.run();
            fixture.awaitConverged(60);
            String first = traits(fixture, "1");
            assertThat(first).contains("raw=\"AP9c\"", "ratio=0.1", "wait=\"P1D\"", "born=\"2026-11-23\"");

            // by the stream, longer than any of the time-outs, through an altered table, in the same stream
            Eventually.within(30, "the stream", () -> sessions(fixture, role).size() == 1);
            Set<String> before = sessions(fixture, role);
            String begin = fixture.value("SELECT clock_timestamp()");
            Eventually.within(30, "idle sessions", () -> fixture.value(
                            "SELECT clock_timestamp() > timestamptz '" + begin + "' + interval '3 s'")
                    .equals("t"));
            assertThat(sessions(fixture, role)).isEqualTo(before);
            fixture.execute("UPDATE public.users SET ratio = 0.25 WHERE id = 1");
            fixture.execute("ALTER TABLE public.users ADD more text");
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id <= 20");
            fixture.awaitConverged(30);
            String second = first.replace("ratio=0.1", "ratio=0.25").replace("phone=\"1\"", "phone=\"2\"");
            Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(traits(fixture, "1"))
                    .isEqualTo(second));

            run.term();
            SyncProcess.Result result = run.awaitExit(Duration.ofSeconds(20));
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.err()).as("%s", result).doesNotContain("ERROR", "WARN");
            fixture.catchUp();
        }
    }

    /** The types whose text depends on settings, and the version. */
    private static String traits(Fixture fixture, String id) {
        return fixture.standIn().persons().stream()
                .filter(person -> person.externalId().equals(id))
                .map(person -> new TreeMap<>(person.traits()))
                .peek(traits -> traits.keySet().retainAll(Set.of("phone", "raw", "ratio", "wait", "born")))
                .map(TreeMap::toString)
                .findFirst()
                .orElse("");
    }

    @Test
    void aRoleThatIsSetForTheLogin_isLeftAgain() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            String role = role(fixture);
            fixture.insertUsers(1, 10);
            fixture.execute(
                    "CREATE ROLE owner_" + role,
                    "GRANT owner_" + role + " TO " + role,
                    "ALTER ROLE " + role + " SET role = 'owner_" + role + "'");

            fixture.catchUp();
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.catchUp();
            fixture.assertConverged();
            fixture.execute("ALTER ROLE " + role + " NOREPLICATION", "ALTER ROLE owner_" + role + " REPLICATION");
            Doctor.look(fixture).exits(3).says("role", "failed", "role " + role + " may not replicate", "REPLICATION");
        }
    }
}
