package ai.flameup.sync.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

class SqlScriptsIT {
    private static final String ROLE = "flameup_sync";

    @Test
    void setUpAndTearDown_repeated_leaveNothing() throws Exception {
        try (DemoPostgres postgres = DemoPostgres.start(5);
                Connection admin = postgres.connect()) {
            run(admin, "setup.sql");
            run(admin, "setup.sql");

            assertThat(value(admin, "SELECT count(*) FROM pg_publication_tables WHERE pubname = 'flameup_sync'"))
                    .isEqualTo("1");
            assertThat(value(admin, "SELECT prattrs IS NULL FROM pg_publication_rel"))
                    .isEqualTo("t");
            assertThat(value(admin, "SELECT pubtruncate FROM pg_publication")).isEqualTo("t");
            update(admin, "ALTER ROLE flameup_sync PASSWORD 'any'");
            try (Connection role = DriverManager.getConnection(postgres.jdbcUrl(), ROLE, "any")) {
                assertOnlyMappedColumnsAllowed(role);
                run(role, "slot.sql");
                run(role, "slot.sql");
            }
            assertThat(value(admin, "SELECT plugin FROM pg_replication_slots WHERE database = 'app'"))
                    .isEqualTo("pgoutput");
            update(admin, "UPDATE public.users SET plan = 'x'");
            update(admin, "DELETE FROM public.users WHERE id = 1");

            run(admin, "teardown.sql");
            assertNothingLeft(admin);
            run(admin, "teardown.sql");
        }
    }

    @Test
    void tearDown_withoutSetUp_doesNothing() throws Exception {
        try (DemoPostgres postgres = DemoPostgres.start(0);
                Connection admin = postgres.connect()) {
            run(admin, "teardown.sql");
            assertNothingLeft(admin);
            run(admin, "setup.sql");
        }
    }

    private static void assertOnlyMappedColumnsAllowed(Connection role) throws SQLException {
        String mapped =
                "SELECT id, email, first_name, last_name, phone, avatar_url, timezone, locale FROM public.users";
        assertThat(value(role, "SELECT count(*) FROM (" + mapped + ") AS rows")).isEqualTo("5");
        assertThatThrownBy(() -> value(role, "SELECT password_hash FROM public.users"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> update(role, "UPDATE public.users SET email = NULL"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("permission denied");
    }

    private static void assertNothingLeft(Connection admin) throws SQLException {
        assertThat(value(admin, "SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
        assertThat(value(admin, "SELECT count(*) FROM pg_publication")).isEqualTo("0");
        assertThat(value(admin, "SELECT count(*) FROM pg_roles WHERE rolname = 'flameup_sync'"))
                .isEqualTo("0");
        assertThat(value(admin, "SELECT to_regclass('public.users')")).isEqualTo("users");
    }

    /** Sends each statement separately, as psql does. */
    private static void run(Connection connection, String script) throws IOException, SQLException {
        String text = Files.readString(Path.of("sql", script));
        for (NativeQuery query : Parser.parseJdbcSql(text, true, false, true, false, false)) {
            update(connection, query.nativeSql);
        }
    }

    private static void update(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }
}
