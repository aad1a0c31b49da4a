package ai.flameup.sync.it;

import static ai.flameup.sync.it.SqlMappingSite.USERS;
import static ai.flameup.sync.it.SqlMappingSite.change;
import static ai.flameup.sync.it.SqlMappingSite.hasLeft;
import static ai.flameup.sync.it.SqlMappingSite.map;
import static ai.flameup.sync.it.SqlMappingSite.persons;
import static ai.flameup.sync.it.SqlMappingSite.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions and a condition in the mapping: what the API has in the end is what the same SELECT prints. */
class SqlMappingIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final String MAPPING = """
            mapping:
              user-id: id
              where: "deleted_at IS NULL AND NOT is_test"
              on-delete: mark
              deleted-trait: left_at
              email: {sql: "lower(email)"}
              traits:
                full_name: {sql: "concat_ws(' ', first_name, last_name)"}
                theme: {sql: "settings->>'theme'"}
                has_theme: {sql: "settings ? 'theme'"}
                points: {sql: "score * 2 -- twice", as: string}
                orders: {sql: "(SELECT count(*) FROM orders o WHERE o.user_id = public.users.id)"}
                phone: phone
            """;

    private static final String SELECT = """
            SELECT id::text AS id, lower(email) AS email, concat_ws(' ', first_name, last_name) AS full_name,
                   settings->>'theme' AS theme, CASE WHEN settings ? 'theme' THEN 'true' ELSE 'false' END AS has_theme,
                   (score * 2)::text AS points,
                   (SELECT count(*) FROM public.orders o WHERE o.user_id = users.id)::text AS orders, phone
            FROM public.users WHERE deleted_at IS NULL AND NOT is_test
            """;

    private static Fixture fixture(int version) throws SQLException {
        Fixture fixture = SqlMappingSite.fixture(version);
        map(fixture, MAPPING);
        return fixture;
    }

    private static void assertEqual(Fixture fixture) throws SQLException {
        SqlMappingSite.assertEqual(fixture, SELECT, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void randomChanges_endAsTheSelect(int version) throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Random random = new Random(seed);
        try (Fixture fixture = fixture(version)) {
            fixture.insertUsers(1, USERS);
            fixture.execute("INSERT INTO public.orders (user_id) SELECT i % 7 FROM generate_series(1, 40) i");
            fixture.catchUp();
            assertEqual(fixture);

            for (int part = 0; part < 2; part++) {
                SyncProcess process = fixture.fork("run");
                long before = fixture.standIn().requests();
                for (int i = 0; i < 40; i++) {
                    change(fixture, random);
                }
                fixture.awaitRequests(before + 1 + random.nextInt(5), 60);
                process.kill9();
            }
            fixture.catchUp();
            assertEqual(fixture);

            // by backfill, because a change of another table is not noticed
            fixture.execute("INSERT INTO public.orders (user_id) SELECT i % 9 FROM generate_series(1, 40) i");
            SyncProcess.Result asked =
                    fixture.start("backfill", "start", "--all").awaitExit(LIMIT);
            assertThat(asked.exitCode()).as("%s", asked).isZero();
            fixture.catchUp();
            assertEqual(fixture);
        }
    }

    @Test
    void members_comeAndGo() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 3);
            fixture.execute("UPDATE public.users SET is_test = true WHERE id = 3");
            SyncProcess run = fixture.run();
            Eventually.within(30, "two persons", () -> fixture.standIn().personCount() == 2);

            // out: marked once
            fixture.execute("UPDATE public.users SET is_test = true WHERE id = 1");
            Eventually.within(30, "a mark", () -> hasLeft(persons(fixture).get("1")));
            long marked = fixture.standIn().requests();
            fixture.execute("UPDATE public.users SET phone = 'secret' WHERE id = 1");

            // in again: sent whole
            fixture.execute("UPDATE public.users SET phone = 'other' WHERE id = 2");
            Eventually.within(
                    30,
                    "the next change",
                    () -> text(persons(fixture).get("2").traits().get("phone")).equals("other"));
            assertThat(fixture.standIn().requests()).isEqualTo(marked + 1);
            fixture.execute("UPDATE public.users SET is_test = false WHERE id = 1");
            Eventually.within(30, "no mark", () -> !hasLeft(persons(fixture).get("1")));
            assertThat(text(persons(fixture).get("1").traits().get("phone"))).isEqualTo("secret");

            // deleted while out
            fixture.execute("UPDATE public.users SET is_test = true WHERE id = 2");
            Eventually.within(30, "a mark", () -> hasLeft(persons(fixture).get("2")));
            long before = fixture.standIn().requests();
            fixture.execute("DELETE FROM public.users WHERE id = 2");

            // never delivered: nothing is sent, neither for a change nor for the delete
            fixture.execute(
                    "UPDATE public.users SET phone = '5' WHERE id = 3", "DELETE FROM public.users WHERE id = 3");

            // another user id while out: the other person is sent when it comes in
            fixture.insertUsers(5, 5);
            Eventually.within(30, "user 5", () -> persons(fixture).containsKey("5"));
            fixture.execute("UPDATE public.users SET is_test = true WHERE id = 5");
            Eventually.within(30, "a mark", () -> hasLeft(persons(fixture).get("5")));
            long whileOut = fixture.standIn().requests();
            fixture.execute(
                    "UPDATE public.users SET id = 6 WHERE id = 5",
                    "UPDATE public.users SET is_test = false WHERE id = 6");
            Eventually.within(30, "user 6", () -> persons(fixture).containsKey("6"));
            assertThat(hasLeft(persons(fixture).get("6"))).isFalse();
            assertThat(fixture.standIn().requests()).isEqualTo(whileOut + 1);
            before += 3;

            // another user id is another person
            fixture.execute("UPDATE public.users SET id = 4 WHERE id = 1");
            Eventually.within(30, "the new id", () -> persons(fixture).containsKey("4"));
            run.term();
            run.awaitExit(LIMIT);
            fixture.catchUp();
            // The stand-in knows persons by their address, so the former one has the new id.
            assertThat(persons(fixture).keySet()).containsExactlyInAnyOrder("2", "4", "6");
            assertThat(fixture.standIn().requests()).isLessThanOrEqualTo(before + 2);
        }
    }

    @Test
    void failingExpression_parksItsRowOnly() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            map(fixture, """
                    mapping:
                      user-id: id
                      sql-timeout: 1s
                      email: {sql: "lower(email)"}
                      traits:
                        share: {sql: "100 / score"}
                        rank: {sql: "CASE WHEN id = 9 THEN (SELECT 'x' FROM pg_sleep(10)) ELSE 'y' END"}
                    """);
            fixture.insertUsers(1, 20);
            fixture.execute("UPDATE public.users SET score = 0 WHERE id = 5");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(6);
            assertThat(fixture.standIn().personCount()).isEqualTo(18);
            List<Map<String, String>> letters = fixture.store().deadLetters();
            assertThat(letters).extracting(letter -> letter.get("user_id")).containsExactlyInAnyOrder("5", "9");
            assertThat(letters)
                    .extracting(letter -> letter.get("reason"))
                    .containsExactlyInAnyOrder(
                            "mapping.traits.share: division by zero (SQLSTATE 22012)",
                            "mapping.traits.rank: takes longer than mapping.sql-timeout");

            // a change that can be computed settles the letter
            fixture.execute("UPDATE public.users SET score = 4 WHERE id = 5");
            fixture.untilCaughtUp();
            assertThat(text(persons(fixture).get("5").traits().get("share"))).isEqualTo("25");
            assertThat(fixture.store().deadLetters())
                    .extracting(letter -> letter.get("user_id"))
                    .containsExactly("9");
        }
    }

    @Test
    void rowOutside_needsNoValues() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            map(fixture, """
                    mapping:
                      user-id: id
                      where: "score > 0"
                      traits:
                        share: {sql: "100 / score"}
                    """);
            fixture.insertUsers(1, 300);
            fixture.execute("UPDATE public.users SET score = 0 WHERE id > 50");

            fixture.catchUp();

            assertThat(fixture.standIn().personCount()).isEqualTo(50);
        }
    }

    @Test
    void rowThatIsReplacedInOneTransaction_isOneCall() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 3);
            SyncProcess run = fixture.run();
            Eventually.within(30, "three persons", () -> fixture.standIn().personCount() == 3);
            long before = fixture.standIn().requests();

            try (Connection connection = fixture.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("DELETE FROM public.users WHERE id = 2");
                statement.execute("INSERT INTO public.users (id, email, phone) VALUES (2, 'Two@example.com', '22')");
                connection.commit();
            }
            fixture.execute("UPDATE public.users SET phone = '33' WHERE id = 3");
            Eventually.within(
                    30,
                    "the next change",
                    () -> text(persons(fixture).get("3").traits().get("phone")).equals("33"));
            run.term();
            run.awaitExit(LIMIT);

            assertThat(fixture.standIn().requests()).isEqualTo(before + 2);
            assertThat(text(persons(fixture).get("2").traits().get("phone"))).isEqualTo("22");
            assertThat(hasLeft(persons(fixture).get("2"))).isFalse();
        }
    }

    @Test
    void conditionThatIsNotBoolean_isRefused() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            map(fixture, "mapping:\n  user-id: id\n  where: deleted_at\n");

            SyncProcess.Result result = fixture.start("preview").awaitExit(LIMIT);

            assertThat(result.exitCode()).as("%s", result).isEqualTo(2);
            assertThat(result.err()).contains("mapping.where", "argument of WHERE must be type boolean");
        }
    }

    @Test
    void typeThatChanges_isNoticed() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute("CREATE TABLE public.plans (user_id bigint PRIMARY KEY, plan integer)");
            fixture.execute("INSERT INTO public.plans VALUES (1, 12)");
            map(
                    fixture,
                    "mapping:\n  user-id: id\n  traits:\n    plan: {sql: \"(SELECT plan FROM plans p WHERE p.user_id = users.id)\"}\n    phone: phone\n");
            fixture.insertUsers(1, 2);
            SyncProcess run = fixture.run();
            Eventually.within(30, "two persons", () -> fixture.standIn().personCount() == 2);

            fixture.execute("ALTER TABLE public.plans ALTER plan TYPE text USING '12abc'");
            fixture.execute("UPDATE public.users SET phone = '7' WHERE id = 1");
            run.awaitLog("the type of mapping.traits.plan has changed", LIMIT);
            run.term();
            run.awaitExit(LIMIT);

            fixture.catchUp();
            assertThat(text(persons(fixture).get("1").traits().get("plan"))).isEqualTo("12abc");
        }
    }

    @Test
    void import_doesNotDelayALaterChange() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            fixture.standIn().budget(10, Duration.ofSeconds(1));
            SyncProcess run = fixture.run();
            fixture.awaitStreaming();

            fixture.insertUsers(1_000, 6_999);
            fixture.insertUsers(11, 11);

            Eventually.within(30, "the later user", () -> persons(fixture).containsKey("11"));
            assertThat(fixture.standIn().personCount()).isLessThan(4_000);
            fixture.standIn().noBudget();
            Eventually.within(60, "all of them", () -> fixture.standIn().personCount() == 6_011);
            run.term();
            run.awaitExit(LIMIT);
            fixture.catchUp();
            assertEqual(fixture);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lower(mail) | column \"mail\" does not exist, at its character 7",
                "lower(email | syntax error",
                "lower(email); DROP TABLE users | without semicolons outside of strings",
                "1) FROM users; COMMIT; SELECT (2 | syntax error",
                "count(*) | must appear in the GROUP BY clause",
                "unnest(ARRAY[1, 2]) | must have one value for each row",
                "row_number() OVER () | must have one value for each row",
                "email, phone | must have one value for each row",
                "(SELECT secret FROM hidden LIMIT 1) | permission denied for table hidden",
                "no_such_function(id) | function no_such_function(bigint) does not exist"
            })
    void wrongExpression_isRefusedAtTheStart(String expression, String words) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute("CREATE TABLE public.hidden (secret text)");
            map(
                    fixture,
                    "mapping:\n  user-id: id\n  traits:\n    one: {sql: \"" + expression.replace("\"", "\\\"")
                            + "\"}\n");
            if (expression.contains("hidden")) {
                asReader(fixture);
            }

            SyncProcess.Result result = fixture.start("preview").awaitExit(LIMIT);

            assertThat(result.exitCode()).as("%s", result).isEqualTo(expression.contains("hidden") ? 3 : 2);
            assertThat(result.err()).contains("mapping.traits.one", words);
        }
    }

    private static void asReader(Fixture fixture) throws SQLException {
        String role = "reader_" + fixture.database();
        fixture.execute("CREATE ROLE " + role + " LOGIN", "GRANT SELECT ON public.users TO " + role);
        fixture.configure(before -> before.replaceAll(
                        "(?s)mapping:.*state:",
                        "mapping:\n  user-id: id\n  traits:\n    one: {sql: \"(SELECT secret FROM hidden LIMIT 1)\"}\nstate:")
                .replace("username: " + fixture.server().username(), "username: " + role));
    }
}
