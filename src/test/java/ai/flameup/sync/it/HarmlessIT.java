package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No statement of the application fails or is blocked because of the sidecar's objects. */
class HarmlessIT {
    /** Statements of an application and its migrations, in this order. After each one, rows are written. */
    private static final List<String> MIGRATIONS = List.of(
            "ALTER TABLE public.users ADD COLUMN nickname text DEFAULT 'x'",
            "ALTER TABLE public.users ALTER COLUMN internal_note TYPE varchar(100)",
            "ALTER TABLE public.users RENAME COLUMN internal_note TO note",
            "ALTER TABLE public.users DROP COLUMN note",
            "ALTER TABLE public.users ALTER COLUMN score TYPE bigint",
            "ALTER TABLE public.users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (id, email)",
            "ALTER TABLE public.users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (email)",
            "ALTER TABLE public.users REPLICA IDENTITY FULL",
            "ALTER TABLE public.users DROP COLUMN legacy_flag",
            "ALTER TABLE public.users ALTER COLUMN phone TYPE varchar(50)",
            "ALTER TABLE public.users REPLICA IDENTITY DEFAULT",
            "ALTER TABLE public.users RENAME COLUMN locale TO language",
            "ALTER TABLE public.users DROP COLUMN timezone",
            "ALTER TABLE public.users REPLICA IDENTITY FULL",
            "ALTER TABLE public.users RENAME TO people",
            "ALTER TABLE public.people RENAME TO users",
            "TRUNCATE public.users",
            "DROP TABLE public.users");

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void job_doesNotBlockApplication(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version));
                Connection application = fixture.connect();
                Statement statement = application.createStatement()) {
            fixture.insertUsers(1, 200);
            fixture.run();
            fixture.awaitConverged(60);
            statement.execute("SET lock_timeout = '5s'");
            statement.execute("SET statement_timeout = '10s'");

            int id = 1_000;
            for (String migration : MIGRATIONS) {
                assertThatCode(() -> statement.execute(migration)).as(migration).doesNotThrowAnyException();
                if (migration.startsWith("ALTER") && !migration.endsWith("people")) {
                    write(statement, migration, id++);
                }
            }
        }
    }

    private static void write(Statement statement, String after, int id) {
        for (String sql : List.of(
                "INSERT INTO public.users (id, email, phone) VALUES (" + id + ", 'new" + id + "@example.com', '1')",
                "UPDATE public.users SET phone = (phone::int + 1)::text WHERE id <= 20",
                "UPDATE public.users SET email = 'moved" + id + "@example.com' WHERE id = " + id,
                "DELETE FROM public.users WHERE id = " + (id - 900))) {
            assertThatCode(() -> inTransaction(statement, sql))
                    .as("%s, after %s", sql, after)
                    .doesNotThrowAnyException();
        }
    }

    private static void inTransaction(Statement statement, String sql) throws SQLException {
        statement.execute("BEGIN");
        statement.execute(sql);
        statement.execute("COMMIT");
    }
}
