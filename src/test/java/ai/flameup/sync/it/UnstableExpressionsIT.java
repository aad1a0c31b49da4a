package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.catalog.ExpressionCheck;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions whose values differ although the row is the same. */
class UnstableExpressionsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final String FUNCTIONS = """
            CREATE SEQUENCE public.visits;
            CREATE FUNCTION public.dice() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 6';
            CREATE FUNCTION public.label(text) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1';
            CREATE FUNCTION public."Odd ""Name"() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
            CREATE SCHEMA other;
            CREATE FUNCTION other.lower(text) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT $1'
            """;

    private static List<String> warnings(Fixture fixture, String sql) {
        try (Database database = new Database(fixture.postgres())) {
            return ExpressionCheck.of(database, Map.of("mapping.traits.one", sql))
                    .warnings();
        }
    }

    private static void assertVolatile(Fixture fixture, String sql, String function) {
        assertThat(warnings(fixture, sql))
                .as(sql)
                .singleElement()
                .asString()
                .startsWith(
                        "mapping.traits.one may have another value each time the row is read, so every read is sent: "
                                + function + " is VOLATILE; ");
    }

    private static void assertOfTime(Fixture fixture, String sql, String function) {
        assertThat(warnings(fixture, sql))
                .as(sql)
                .singleElement()
                .asString()
                .startsWith("mapping.traits.one depends on the time (" + function + "), ");
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void functions_ofEachVolatility(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(FUNCTIONS);
            assertVolatile(fixture, "random()", "random");
            assertVolatile(fixture, "floor(RANDOM () * 10)", "random");
            assertVolatile(fixture, "pg_catalog.clock_timestamp()", "pg_catalog.clock_timestamp");
            assertVolatile(fixture, "nextval('public.visits')", "nextval");
            assertVolatile(fixture, "gen_random_uuid()", "gen_random_uuid");
            assertVolatile(fixture, "(SELECT dice() + random() FROM pg_class LIMIT 1)", "dice, random");
            assertVolatile(fixture, "\"Odd \"\"Name\"()", "Odd \"Name");
            assertVolatile(fixture, "other.lower(email)", "other.lower");

            assertOfTime(fixture, "now() - created_at > interval '7 days'", "now");
            assertOfTime(fixture, "CURRENT_DATE - created_at::date", "current_date");
            assertOfTime(fixture, "age(created_at)", "age");

            for (String stable : List.of(
                    "lower(email)",
                    "concat_ws(' ', first_name, last_name)",
                    "label(email)",
                    "to_char(created_at, 'YYYY')",
                    "age(created_at, '2026-01-01')",
                    "'random() -- now()' || email",
                    "email -- random()",
                    "/* now(), random() */ email",
                    "CASE WHEN (score IN (1, 2)) THEN coalesce(plan, '') ELSE 'known' END")) {
                assertThat(warnings(fixture, stable)).as(stable).isEmpty();
            }
        }
    }

    @Test
    void doctor_warns() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure(
                    "    plan: plan\n", "    plan: {sql: \"random()\"}\n    recent: {sql: \"now() > created_at\"}\n");

            SyncProcess.Result result = fixture.start("doctor").awaitExit(LIMIT);

            assertThat(result.out())
                    .contains(
                            "warning  expressions: mapping.traits.plan may have another value",
                            "warning  expressions: mapping.traits.recent depends on the time (now)",
                            "backfill start --all --changed-only");
        }
    }
}
