package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single rows and unusual tables under a mapping with SQL. */
class SqlMappingRowsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static Fixture fixture() throws Exception {
        return SqlMappingSite.fixture(PostgresServer.NEWEST);
    }

    private static String reason(Fixture fixture) throws Exception {
        return fixture.store().deadLetters().get(0).get("reason");
    }

    /** The server's message contains the date. */
    @Test
    void dateOutOfRange_isNeitherStoredNorLogged() throws Exception {
        try (Fixture fixture = fixture()) {
            SqlMappingSite.map(fixture, """
                    mapping:
                      user-id: id
                      traits:
                        due: {sql: "make_date(2026, score, 1)"}
                    """);
            fixture.insertUsers(1, 3);
            fixture.execute("UPDATE public.users SET score = 77 WHERE id = 2");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(6);
            assertThat(reason(fixture)).isEqualTo("mapping.traits.due: fails with SQLSTATE 22008");
            assertThat(result.toString()).doesNotContain("2026-77", "77-01");
        }
    }

    @Test
    void parkedRow_isShownAsNotSent() throws Exception {
        try (Fixture fixture = fixture()) {
            SqlMappingSite.map(fixture, "mapping:\n  user-id: id\n  traits:\n    share: {sql: \"100 / score\"}\n");
            fixture.insertUsers(1, 30);
            fixture.execute("UPDATE public.users SET score = 0 WHERE id = 2");
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(6);
            String id = fixture.store().deadLetters().get(0).get("id");

            SyncProcess.Result shown = fixture.start("dead-letters", "show", id).awaitExit(LIMIT);
            SyncProcess.Result explained = fixture.start("explain", "2").awaitExit(LIMIT);

            assertThat(shown.out()).contains("none: not sent");
            assertThat(explained.out()).contains(", not sent; `dead-letters show " + id);
        }
    }

    @Test
    void retryOfRowThatIsOutsideNow_ends() throws Exception {
        try (Fixture fixture = fixture()) {
            SqlMappingSite.map(fixture, """
                    mapping:
                      user-id: id
                      where: "NOT EXISTS (SELECT FROM orders o WHERE o.user_id = users.id)"
                      on-delete: mark
                      traits:
                        share: {sql: "100 / score"}
                    """);
            fixture.insertUsers(1, 5);
            fixture.execute("UPDATE public.users SET score = 0 WHERE id = 3");
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(6);
            long sent = fixture.standIn().requests();

            // No change of the stream settles the letter, because the condition reads another table.
            fixture.execute("INSERT INTO public.orders (user_id) VALUES (3)");
            SyncProcess.Result retried =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(LIMIT);

            assertThat(retried.exitCode()).as("%s", retried).isZero();
            assertThat(fixture.store().deadLetters()).as("%s", retried).isEmpty();
            fixture.catchUp();
            assertThat(fixture.standIn().requests())
                    .as("nothing is sent for a person who was never delivered")
                    .isEqualTo(sent);
            assertThat(fixture.start("dead-letters", "retry", "--all")
                            .awaitExit(LIMIT)
                            .out())
                    .contains("no dead letters");
        }
    }

    private static final String[] PARTITIONED = {
        "CREATE TABLE public.people (id bigint PRIMARY KEY, email text, score integer) PARTITION BY HASH (id)",
        "CREATE TABLE public.people_0 PARTITION OF public.people FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE public.people_1 PARTITION OF public.people FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "CREATE TABLE public.events (user_id bigint, id bigint, name text, PRIMARY KEY (user_id, id)) PARTITION BY HASH (id)",
        "CREATE TABLE public.events_0 PARTITION OF public.events FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE public.events_1 PARTITION OF public.events FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO public.people SELECT i, 'u' || i || '@example.com', i FROM generate_series(0, 3000) i",
        "INSERT INTO public.events SELECT i % 3001, i, 'e' || i FROM generate_series(1, 9000) i",
        "ANALYZE public.people, public.events"
    };

    private static final String NEWEST_EVENT =
            "(SELECT e.name FROM public.events e WHERE e.user_id = people.id ORDER BY e.id DESC LIMIT 1)";

    /** The server merges the partitions in order, and may compute expressions for rows of each partition before. */
    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void partitionedTable_isReadByAMergeOfPartitions(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(PARTITIONED);
            assertMerge(fixture, "SELECT * FROM public.people ORDER BY id LIMIT 100");
            assertMerge(fixture, "SELECT " + NEWEST_EVENT + " FROM public.people");
            SqlMappingSite.map(fixture, """
                    mapping:
                      user-id: id
                      where: "id < 400"
                      traits:
                        share: {sql: "100 / score"}
                        newest: {sql: "%s"}
                    """.formatted(NEWEST_EVENT));
            followPeople(fixture);

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(6);
            assertThat(result.err()).contains("changes of public.events are not noticed");
            assertThat(fixture.store().deadLetters())
                    .extracting(letter -> letter.get("user_id"))
                    .containsExactly("0");
            String select = "SELECT id::text AS id, email, (100 / score)::text AS share, " + NEWEST_EVENT
                    + " AS newest FROM public.people WHERE id BETWEEN 1 AND 399";
            SqlMappingSite.assertEqual(fixture, select, false);

            fixture.execute(
                    "UPDATE public.people SET score = 5 WHERE id IN (0, 7, 8)",
                    "INSERT INTO public.events VALUES (7, 9999, 'newest')");
            fixture.catchUp();
            SqlMappingSite.assertEqual(fixture, select.replace("BETWEEN 1", "BETWEEN 0"), false);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unnest(ARRAY[1, 2])", "row_number() OVER ()", "id, email", "count(*)"})
    void expressionOfPartitionedTable_withoutOneValueForEachRow_isRefused(String expression) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.execute(PARTITIONED);
            SqlMappingSite.map(fixture, "mapping:\n  user-id: id\n  traits:\n    one: {sql: \"" + expression + "\"}\n");
            followPeople(fixture);

            SyncProcess.Result result = fixture.start("preview").awaitExit(LIMIT);

            assertThat(result.exitCode()).as("%s", result).isEqualTo(2);
            assertThat(result.err()).contains("mapping.traits.one");
        }
    }

    private static void followPeople(Fixture fixture) throws IOException {
        String all = Files.readString(fixture.configurationFile());
        Files.writeString(fixture.configurationFile(), all.replace("public.users", "public.people"));
    }

    private static void assertMerge(Fixture fixture, String select) throws Exception {
        assertThat(fixture.server().query(fixture.database(), "EXPLAIN " + select))
                .flatExtracting(Map::values)
                .anyMatch(line -> line.contains("Merge Append"));
    }

    @Test
    void slowExpression_yieldsToAMigration() throws Exception {
        try (Fixture fixture = SqlMappingSite.fixture(PostgresServer.NEWEST)) {
            SqlMappingSite.map(fixture, """
                    mapping:
                      user-id: id
                      sql-timeout: 60s
                      traits:
                        rank: {sql: "CASE WHEN id = 2 THEN (SELECT 'x' FROM pg_sleep(30)) ELSE 'y' END"}
                    """);
            fixture.insertUsers(1, 1);
            SyncProcess run = fixture.run();
            Eventually.within(30, "a person", () -> fixture.standIn().personCount() == 1);
            fixture.insertUsers(2, 2);
            Eventually.within(30, "a slow read", () -> fixture.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'"
                                    + " AND datname = current_database()")
                    .equals("1"));

            fixture.execute(
                    "BEGIN; SET LOCAL statement_timeout = '5s'; ALTER TABLE public.users ADD added integer; COMMIT");

            fixture.execute("UPDATE public.users SET id = 3 WHERE id = 2");
            Eventually.within(30, "the other person", () -> fixture.standIn().personCount() == 2);
            run.term();
            run.awaitExit(LIMIT);
        }
    }
}
