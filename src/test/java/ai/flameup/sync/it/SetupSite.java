package ai.flameup.sync.it;

import static ai.flameup.sync.it.OtherTable.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/** A database whose sidecar has its own role, which does not exist yet. */
final class SetupSite implements AutoCloseable {
    static final String PASSWORD = "not to be seen 17";
    static final Duration LIMIT = Duration.ofSeconds(90);
    static final AtomicInteger NUMBER = new AtomicInteger();

    final Fixture fixture;
    final String role;

    SetupSite(int version) throws SQLException {
        this(version, "sidecar_" + NUMBER.incrementAndGet());
    }

    SetupSite(int version, String role) throws SQLException {
        this.fixture = new Fixture(PostgresServer.shared(version));
        this.role = role;
        fixture.environment().put("PGPASSWORD", PASSWORD);
        fixture.configure(this::ofOurRole);
    }

    /** Returns the fixture's configuration with the sidecar's role. */
    String ofOurRole(String configuration) {
        PostgresServer server = fixture.server();
        String before = "username: %s\n  password: %s\n".formatted(server.username(), server.password());
        assertThat(configuration).contains(before);
        return configuration.replace(
                before, "username: '%s'\n  password: ${PGPASSWORD}\n".formatted(role.replace("'", "''")));
    }

    String adminUrl(String username) {
        return "postgres://%s@%s:%d/%s"
                .formatted(username, fixture.server().host(), fixture.server().port(), fixture.database());
    }

    SyncProcess.Result asAdmin(String... command) {
        fixture.environment()
                .put("FLAMEUP_SYNC_ADMIN_PASSWORD", fixture.server().password());
        return run(with(command, "--admin-url", adminUrl(fixture.server().username())));
    }

    SyncProcess.Result run(String... command) {
        SyncProcess.Result result = fixture.start(command).awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        assertThat(result.toString()).doesNotContain(PASSWORD);
        return result;
    }

    SyncProcess.Result done(SyncProcess.Result result) {
        assertThat(result.exitCode()).as("%s", result).isZero();
        return result;
    }

    SyncProcess.Result refused(SyncProcess.Result result, int exitCode, String... texts) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        assertThat(result.err()).contains(texts);
        return result;
    }

    /** Returns the sidecar's objects and all privileges, with equivalent privileges in one form. */
    String traces() throws SQLException {
        List<String> traces = new ArrayList<>();
        for (String query : List.of(
                "SELECT pubname, obj_description(oid, 'pg_publication') FROM pg_publication ORDER BY 1",
                "SELECT slot_name FROM pg_replication_slots WHERE database = current_database() ORDER BY 1",
                "SELECT rolname, rolreplication, rolcanlogin FROM pg_roles WHERE rolname IN ('%1$s', 'rds_replication')",
                "SELECT roleid::regrole, member::regrole FROM pg_auth_members ORDER BY 1, 2",
                "SELECT coalesce(datacl, acldefault('d', datdba))::text FROM pg_database"
                        + " WHERE datname = current_database()",
                "SELECT nspname, coalesce(nspacl, acldefault('n', nspowner))::text FROM pg_namespace"
                        + " WHERE nspname !~ '^pg_' ORDER BY 1",
                "SELECT c.oid::regclass, coalesce(relacl, acldefault('r', relowner))::text, a.attname, a.attacl::text"
                        + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " JOIN pg_attribute a ON a.attrelid = c.oid"
                        + " WHERE n.nspname !~ '^(pg_|information)' AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped ORDER BY 1, 3")) {
            traces.add(fixture.server()
                    .query(fixture.database(), query.formatted(role.replace("'", "''")))
                    .toString());
        }
        return String.join("\n", traces);
    }

    /** Sends each statement separately, as psql does. */
    void execute(String script) throws SQLException {
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement()) {
            for (NativeQuery query : Parser.parseJdbcSql(script, true, false, true, false, false)) {
                statement.execute(query.nativeSql);
            }
        }
    }

    /** Executes a script and continues after an error, as psql does by default. Returns the first error. */
    String executeRegardless(Connection connection, String script) throws SQLException {
        List<String> errors = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (NativeQuery query : Parser.parseJdbcSql(script, true, false, true, false, false)) {
                try {
                    statement.execute(query.nativeSql);
                } catch (SQLException e) {
                    errors.add(String.valueOf(e.getMessage()));
                }
            }
        }
        assertThat(errors).isNotEmpty();
        return errors.get(0);
    }

    @Override
    public void close() throws SQLException {
        PostgresServer server = fixture.server();
        String database = fixture.database();
        if (!server.query("postgres", "SELECT 1 FROM pg_roles WHERE rolname = '%s'".formatted(role.replace("'", "''")))
                .isEmpty()) {
            server.execute(database, "DROP OWNED BY " + quoted(role));
            server.execute("postgres", "DROP ROLE " + quoted(role));
        }
        fixture.close();
    }

    static String[] with(String[] rest, String... more) {
        List<String> all = new ArrayList<>(List.of(rest));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** A run that streams. */
    static SyncProcess followed(Fixture fixture) {
        SyncProcess process = fixture.run();
        process.awaitLog("Following", LIMIT);
        fixture.awaitStreaming();
        return process;
    }
}
