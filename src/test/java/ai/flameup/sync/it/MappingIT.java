package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The mapping of values, which is the same for the first load and the stream. */
class MappingIT {
    /** A value in SQL, by column, and the JSON that it has to become. */
    private record Example(String column, String sql, String json) {}

    private static final List<Example> EXAMPLES = List.of(
            new Example("plan", "'pro'", "\"pro\""),
            new Example("plan", "''", "\"\""),
            new Example("plan", "' Zoë \"q\" \\ 😀 '", "\" Zoë \\\"q\\\" \\\\ 😀 \""),
            new Example("plan", "E'a\\nb\\tc\\x01'", "\"a\\nb\\tc\\u0001\""),
            new Example("plan", "'null'", "\"null\""),
            new Example("score", "0", "0"),
            new Example("score", "-2147483648", "-2147483648"),
            new Example("score", "2147483647", "2147483647"),
            new Example("is_active", "true", "true"),
            new Example("is_active", "false", "false"),
            new Example("balance", "19.90", "19.90"),
            new Example("balance", "0", "0.00"),
            new Example("balance", "-0.01", "-0.01"),
            new Example("balance", "9999999999.99", "9999999999.99"),
            new Example("balance", "'NaN'", "\"NaN\""),
            new Example(
                    "external_ref",
                    "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
                    "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
            new Example("created_at", "'2026-11-23 15:42:00.5+01'", "\"2026-11-23T14:42:00.5Z\""),
            new Example("created_at", "'2026-11-23 14:42:00+00'", "\"2026-11-23T14:42:00Z\""),
            new Example("created_at", "'2026-11-23 00:30:00.123456+05:30'", "\"2026-11-22T19:00:00.123456Z\""),
            new Example("created_at", "'1969-12-31 23:59:59.9+00'", "\"1969-12-31T23:59:59.9Z\""),
            new Example("created_at", "'1500-02-28 12:00:00+00'", "\"1500-02-28T12:00:00Z\""),
            new Example("created_at", "'infinity'", "\"infinity\""),
            new Example("created_at", "'-infinity'", "\"-infinity\""));

    private static final int STREAMED = 1_000;

    @ParameterizedTest
    @MethodSource("ai.flameup.sync.it.PostgresServer#versions")
    void firstLoadAndStream_sendSameValues(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            // Settings change the text form in application sessions, but not in the sidecar's.
            fixture.execute(
                    "ALTER DATABASE " + fixture.database() + " SET timezone = 'Asia/Kolkata'",
                    "ALTER DATABASE " + fixture.database() + " SET datestyle = 'SQL, DMY'");

            // by first load
            fixture.execute(inserts(0));
            fixture.catchUp();
            assertThat(last(fixture, 0)).isEqualTo(expected());
            assertThat(fixture.standIn().history().get(0).person().path("traits"))
                    .as("no nulls in a person's first delivery")
                    .hasSize(1);

            // by insert
            fixture.execute(inserts(STREAMED));
            fixture.catchUp();
            assertThat(last(fixture, STREAMED)).isEqualTo(expected());

            // to null and back by update; null clears
            fixture.execute(updates(true));
            fixture.catchUp();
            assertThat(last(fixture, 0).values()).containsOnly("null");
            fixture.execute(updates(false));
            fixture.catchUp();
            assertThat(last(fixture, 0)).isEqualTo(expected());
            fixture.assertConverged();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = PostgresServer.NEWEST)
    void personWithoutTraits_isSent(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    "INSERT INTO public.users (id, email, first_name) VALUES (9007199254740993, 'a@example.com', 'A')",
                    "INSERT INTO public.users (id, email, first_name) VALUES (-1, '  ', 'B')",
                    "INSERT INTO public.users (id, email, first_name, internal_note) VALUES (3, NULL, 'C', 'secret')");

            fixture.catchUp();

            assertThat(fixture.standIn().history())
                    .extracting(call -> call.person().toString())
                    .containsExactlyInAnyOrder(
                            "{\"userId\":\"9007199254740993\",\"email\":\"a@example.com\",\"traits\":{\"first_name\":\"A\"}}",
                            "{\"userId\":\"-1\",\"traits\":{\"first_name\":\"B\"}}",
                            "{\"userId\":\"3\",\"traits\":{\"first_name\":\"C\"}}");
        }
    }

    private static String[] inserts(int from) {
        String[] statements = new String[EXAMPLES.size()];
        for (int i = 0; i < statements.length; i++) {
            Example example = EXAMPLES.get(i);
            statements[i] = "INSERT INTO public.users (id, " + example.column + ") VALUES (" + (from + i) + ", "
                    + example.sql + ")";
        }
        return statements;
    }

    private static String[] updates(boolean toNull) {
        String[] statements = new String[EXAMPLES.size()];
        for (int i = 0; i < statements.length; i++) {
            Example example = EXAMPLES.get(i);
            statements[i] = "UPDATE public.users SET " + example.column + " = " + (toNull ? "NULL" : example.sql)
                    + " WHERE id = " + i;
        }
        return statements;
    }

    private static Map<String, String> expected() {
        Map<String, String> expected = new LinkedHashMap<>();
        EXAMPLES.forEach(example -> expected.put(example.column + " = " + example.sql, example.json));
        return expected;
    }

    /** Returns the trait of each example in its last request. */
    private static Map<String, String> last(Fixture fixture, int from) {
        Map<String, AppliedPerson> calls = fixture.standIn().history().stream()
                .collect(Collectors.toMap(AppliedPerson::userId, call -> call, (before, after) -> after));
        Map<String, String> actual = new LinkedHashMap<>();
        for (int i = 0; i < EXAMPLES.size(); i++) {
            Example example = EXAMPLES.get(i);
            AppliedPerson call = calls.get(Integer.toString(from + i));
            actual.put(
                    example.column + " = " + example.sql,
                    call == null
                            ? "no request"
                            : call.person().path("traits").path(example.column).toString());
        }
        return actual;
    }
}
