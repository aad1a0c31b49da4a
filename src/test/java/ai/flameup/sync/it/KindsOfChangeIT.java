package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.AppliedPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every kind of change of a row whose primary key is the user id. One job runs through all tests of a class, each with
 * its own users. One request is in flight at a time, so the arrival of the last person means that none is outstanding.
 */
@ParameterizedClass(name = "PostgreSQL {0}, on-delete: {1}")
@CsvSource({"14, mark", "18, clear", "18, ignore"})
class KindsOfChangeIT {
    private static final int SECONDS = 20;

    private static Fixture fixture;
    private static OtherTable users;
    private static SyncProcess process;
    private static long lastId;

    @Parameter(0)
    int version;

    @Parameter(1)
    String onDelete;

    @BeforeParameterizedClassInvocation
    static void start(int version, String onDelete) throws Exception {
        fixture = new Fixture(PostgresServer.shared(version));
        users = OtherTable.of(fixture, "users", "id", "email", "first_name", "phone", "plan");
        users.configure(
                all -> all.replace("  workspace: demo\n", "  workspace: demo\n  max-in-flight: 1\n"),
                "on-delete: " + onDelete);
        lastId = 0;
        fixture.insertUsers(1, 1);
        process = fixture.run();
        users.awaitPersons(60);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        try {
            process.term();
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(20));
            assertThat(result.exitCode()).as("%s", result).isZero();
            BadInputIT.assertNoStackTrace(result);
        } finally {
            fixture.close();
        }
    }

    /** The first of a hundred ids that no other test uses. */
    private static long ids() {
        return lastId += 100;
    }

    private static String insert(long id, String email, String firstName, String phone) {
        return "INSERT INTO public.users (id, email, first_name, phone) VALUES (%d, %s, %s, %s)"
                .formatted(id, literal(email), literal(firstName), literal(phone));
    }

    private static String literal(String text) {
        return text == null ? "NULL" : "'" + text + "'";
    }

    private static String address(long id) {
        return "user" + id + "@example.com";
    }

    private static void await(long from, long to) {
        users.awaitPersons("id BETWEEN " + from + " AND " + to, SECONDS);
    }

    /** Waits until everything that was committed so far is delivered. */
    private static void settle() throws SQLException {
        long witness = ids();
        fixture.execute(insert(witness, null, "witness", null));
        await(witness, witness);
    }

    private static List<AppliedPerson> calls(long id) {
        return fixture.standIn().history().stream()
                .filter(call -> call.userId().equals(Long.toString(id)))
                .toList();
    }

    private static StoredPerson person(long id) {
        List<StoredPerson> found = fixture.standIn().persons().stream()
                .filter(person -> Long.toString(id).equals(person.externalId()))
                .toList();
        assertThat(found).as("persons " + id).hasSize(1);
        return found.get(0);
    }

    private static boolean isPerson(long id) {
        return fixture.standIn().persons().stream()
                .anyMatch(person -> Long.toString(id).equals(person.externalId()));
    }

    /** All of it in one transaction. */
    private static void transaction(String... statements) throws SQLException {
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    private static Instant clock() throws SQLException {
        return Instant.parse(fixture.value(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL", "USING INDEX users_email_key"})
    void insertUpdateDelete_areSent(String identity) throws Exception {
        long id = ids();
        if (identity.startsWith("USING")) {
            fixture.execute(
                    "DELETE FROM public.users WHERE email IS NULL",
                    "ALTER TABLE public.users ALTER email SET NOT NULL");
        }
        fixture.execute("ALTER TABLE public.users REPLICA IDENTITY " + identity);
        try {
            // inserted
            fixture.execute(insert(id, address(id), "A", "1"), insert(id + 1, address(id + 1), null, "1"));
            await(id, id + 1);

            // updated: one column, all of them, to null and back, the address
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = " + id);
            await(id, id + 1);
            fixture.execute("UPDATE public.users SET first_name = 'B', phone = NULL, plan = 'pro' WHERE id IN (%d, %d)"
                    .formatted(id, id + 1));
            await(id, id + 1);
            fixture.execute(
                    "UPDATE public.users SET email = 'other' || email, phone = '3', plan = NULL WHERE id = " + id);
            await(id, id + 1);

            // an update that changes nothing is no harm
            fixture.execute("UPDATE public.users SET plan = plan WHERE id = " + id);

            // deleted
            Map<String, JsonNode> before = person(id).traits();
            Instant from = clock();
            fixture.execute("DELETE FROM public.users WHERE id = " + id);
            Instant to = clock();
            fixture.execute("UPDATE public.users SET phone = '9' WHERE id = " + (id + 1));
            await(id + 1, id + 1);
            if (onDelete.equals("ignore")) {
                assertThat(person(id).traits()).isEqualTo(before);
            } else if (identity.startsWith("USING")) {
                // The deleted row's id is not in the WAL.
                Eventually.within(SECONDS, "the dead letter", () -> fixture.store().deadLetters().stream()
                        .anyMatch(letter -> letter.get("reason").contains("replica identity")));
                assertThat(person(id).traits()).isEqualTo(before);
            } else {
                AppliedPerson last = calls(id).get(calls(id).size() - 1);
                JsonNode traits = last.person().path("traits");
                assertThat(last.person().has("email")).isFalse();
                assertThat(Instant.parse(traits.path("deleted_at").asText()))
                        .isBetween(from.minusMillis(5), to.plusMillis(5));
                if (onDelete.equals("mark")) {
                    assertThat(traits).hasSize(1);
                } else {
                    assertThat(traits).hasSize(4);
                    users.traits().keySet().forEach(trait -> assertThat(
                                    traits.path(trait).isNull())
                            .as(trait)
                            .isTrue());
                }
            }

            // and back again
            fixture.execute(insert(id, address(id), "C", null));
            await(id, id + 1);
            if (!onDelete.equals("ignore")) {
                assertThat(isMarked(id)).isFalse();
            }
        } finally {
            fixture.execute(
                    "ALTER TABLE public.users REPLICA IDENTITY DEFAULT",
                    "ALTER TABLE public.users ALTER email DROP NOT NULL");
        }
    }

    @Test
    void deleteThenInsert_inOneTransaction_keepsPerson() throws Exception {
        long id = ids();
        fixture.execute(insert(id, address(id), "A", "1"), insert(id + 1, null, "A", "1"));
        await(id, id + 1);

        transaction(
                "DELETE FROM public.users WHERE id IN (%d, %d)".formatted(id, id + 1),
                insert(id, address(id), "B", "2"),
                insert(id + 1, null, "B", "2"));

        await(id, id + 1);
        settle();
        users.awaitPersons("id BETWEEN %d AND %d".formatted(id, id + 1), SECONDS);
        if (!onDelete.equals("ignore")) {
            assertThat(isMarked(id)).isFalse();
            assertThat(isMarked(id + 1)).isFalse();
        }
    }

    @Test
    void insertThenDelete_inOneTransaction_leavesNoPerson() throws Exception {
        long id = ids();
        transaction(insert(id, address(id), "A", "1"), "DELETE FROM public.users WHERE id = " + id);
        settle();

        // The row was never visible, so sending it is optional, but a person that was sent must be marked as deleted.
        if (isPerson(id) && !onDelete.equals("ignore")) {
            assertThat(isMarked(id)).isTrue();
        }
    }

    @Test
    void truncate_isLogged_sendsNothing() throws Exception {
        long id = ids();
        fixture.execute(
                insert(id, address(id), "A", "1"),
                insert(id + 1, address(id + 1), "A", "1"),
                insert(id + 2, null, "A", "1"));
        await(id, id + 2);
        long before = fixture.standIn().history().size();
        long told = truncates();

        transaction("TRUNCATE public.users", insert(id + 1, address(id + 1), "B", "2"));
        fixture.execute(insert(id + 3, address(id + 3), "B", "2"));
        await(id + 1, id + 3);

        assertThat(fixture.standIn().history().stream().skip(before).map(AppliedPerson::userId))
                .containsExactly(Long.toString(id + 1), Long.toString(id + 3));
        assertThat(person(id).traits().get("phone").asText()).isEqualTo("1");
        assertThat(isMarked(id)).isFalse();
        assertThat(truncates()).isEqualTo(told + 1);

        // with others, and with nothing in it
        fixture.execute(
                "CREATE TABLE IF NOT EXISTS public.orders (user_id bigint REFERENCES public.users)",
                "TRUNCATE public.orders, public.users",
                "TRUNCATE public.users CASCADE");
        settle();
        assertThat(truncates()).isEqualTo(told + 3);
        fixture.execute("DROP TABLE public.orders");
    }

    private static boolean isMarked(long id) {
        JsonNode deleted = person(id).traits().get("deleted_at");
        return deleted != null && !deleted.isNull();
    }

    private static long truncates() {
        return process.err()
                .lines()
                .filter(line -> line.contains("was truncated"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL"})
    void primaryKeyChange_createsPerson(String identity) throws Exception {
        long id = ids();
        fixture.execute("ALTER TABLE public.users REPLICA IDENTITY " + identity);
        fixture.execute(insert(id, address(id), "A", "1"), insert(id + 1, null, "A", "1"));
        await(id, id + 1);

        fixture.execute("UPDATE public.users SET id = id + 10, phone = '2' WHERE id IN (%d, %d)".formatted(id, id + 1));
        await(id + 10, id + 11);

        // the API finds the first by its address and gives it the new id; the second is another person
        assertThat(isPerson(id)).isFalse();
        assertThat(person(id + 10).email()).isEqualTo(address(id));
        assertThat(person(id + 1).traits().get("phone").asText()).isEqualTo("1");

        // two swap their keys
        fixture.execute(insert(id + 20, null, "C", "1"), insert(id + 21, null, "D", "1"));
        await(id + 20, id + 21);
        transaction(
                "UPDATE public.users SET id = %d WHERE id = %d".formatted(id + 22, id + 20),
                "UPDATE public.users SET id = %d, phone = '3' WHERE id = %d".formatted(id + 20, id + 21),
                "UPDATE public.users SET id = %d, phone = '4' WHERE id = %d".formatted(id + 21, id + 22));
        await(id + 20, id + 21);
        settle();
        users.assertPersons("id BETWEEN %d AND %d".formatted(id + 10, id + 21));
        fixture.execute("ALTER TABLE public.users REPLICA IDENTITY DEFAULT");
    }

    /** Or its next change, which sets no address and gives none up, would go into the person that is taken over. */
    @Test
    void reusedPrimaryKey_movesAddressInOrder() throws Exception {
        long id = ids();
        fixture.execute(insert(id, address(id), "A", "1"));
        await(id, id);

        transaction(
                "UPDATE public.users SET id = %d, phone = '2' WHERE id = %d".formatted(id + 1, id),
                insert(id, null, "B", "3"));

        await(id, id + 1);
        settle();
        users.assertPersons("id BETWEEN %d AND %d".formatted(id, id + 1));
    }

    @Test
    void upsertStatement_isSent() throws Exception {
        long id = ids();
        String upsert = "INSERT INTO public.users (id, email, phone) VALUES (%d, '%s', '1')".formatted(id, address(id))
                + " ON CONFLICT (id) DO UPDATE SET phone = (users.phone::int + 1)::text";

        fixture.execute(upsert);
        await(id, id);
        fixture.execute(upsert);
        await(id, id);
        assertThat(person(id).traits().get("phone").asText()).isEqualTo("2");

        // a statement without effect sends nothing
        int before = calls(id).size();
        fixture.execute("INSERT INTO public.users (id, phone) VALUES (%d, '7') ON CONFLICT DO NOTHING".formatted(id));
        settle();
        assertThat(calls(id)).hasSize(before);
    }

    @Test
    void merge_isSent() throws Exception {
        assumeTrue(version >= 15);
        long id = ids();
        fixture.execute(insert(id, address(id), "A", "1"), insert(id + 1, address(id + 1), "A", "delete"));
        await(id, id + 1);

        fixture.execute("""
                MERGE INTO public.users u USING generate_series(%d, %d) AS s (id) ON u.id = s.id
                WHEN MATCHED AND u.phone = 'delete' THEN DELETE
                WHEN MATCHED THEN UPDATE SET phone = '2'
                WHEN NOT MATCHED THEN INSERT (id, email, phone) VALUES (s.id, 'user' || s.id || '@example.com', '1')
                """.formatted(id, id + 2));

        await(id, id + 2);
        settle();
        assertThat(isMarked(id + 1)).isEqualTo(!onDelete.equals("ignore"));
    }

    @Test
    void severalUpdates_inOneTransaction_lastIsSent() throws Exception {
        long id = ids();
        fixture.execute(insert(id, address(id), "A", "0"));
        await(id, id);

        List<String> updates = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            updates.add("UPDATE public.users SET phone = '%d' WHERE id = %d".formatted(i, id));
        }
        transaction(updates.toArray(String[]::new));

        await(id, id);
        settle();
        assertThat(person(id).traits().get("phone").asText()).isEqualTo("50");
        Fixture.assertNeverBackwards(calls(id));
    }

    @Test
    void rollback_sendsNothing() throws Exception {
        long id = ids();
        fixture.execute(insert(id, null, "A", "1"), insert(id + 1, null, "A", "1"));
        await(id, id + 1);

        transaction(
                "UPDATE public.users SET phone = '2' WHERE id = " + id,
                "SAVEPOINT one",
                "UPDATE public.users SET phone = '666', email = 'never@example.com' WHERE id = " + id,
                insert(id + 2, null, "never", "666"),
                "ROLLBACK TO SAVEPOINT one",
                "SAVEPOINT two",
                "UPDATE public.users SET first_name = 'B' WHERE id = " + id,
                "SAVEPOINT three",
                "DELETE FROM public.users WHERE id = " + (id + 1),
                "ROLLBACK TO SAVEPOINT three",
                "RELEASE SAVEPOINT three",
                "UPDATE public.users SET plan = 'pro' WHERE id = " + id,
                "RELEASE SAVEPOINT two");
        fixture.execute("BEGIN; UPDATE public.users SET phone = '666' WHERE id = %d; ROLLBACK".formatted(id + 1));
        fixture.execute("""
                DO $$ BEGIN
                    UPDATE public.users SET phone = '3' WHERE id = %1$d;
                    BEGIN
                        UPDATE public.users SET phone = '666' WHERE id = %1$d;
                        RAISE EXCEPTION 'no';
                    EXCEPTION WHEN raise_exception THEN NULL;
                    END;
                END $$
                """.formatted(id));
        await(id, id + 1);
        settle();

        assertThat(fixture.value("SELECT phone || first_name || plan FROM public.users WHERE id = " + id))
                .isEqualTo("3Bpro");
        await(id, id + 1);
        assertThat(calls(id + 1)).hasSize(1);
        assertThat(calls(id + 2)).isEmpty();
        assertThat(Stream.of(id, id + 1).flatMap(one -> calls(one).stream()))
                .extracting(call -> call.person().toString())
                .noneMatch(person -> person.contains("666") || person.contains("never"));
    }

    @Test
    void preparedTransaction_isSentOnCommit() throws Exception {
        long id = ids();
        String name = fixture.database() + "_";
        fixture.execute(insert(id, address(id), "A", "1"), insert(id + 1, address(id + 1), "A", "1"));
        await(id, id + 1);

        fixture.execute(
                "BEGIN; UPDATE public.users SET phone = '2' WHERE id = %d; PREPARE TRANSACTION '%syes'"
                        .formatted(id, name),
                "BEGIN; UPDATE public.users SET phone = '666' WHERE id = %d; PREPARE TRANSACTION '%sno'"
                        .formatted(id + 1, name));
        settle();
        assertThat(calls(id)).hasSize(1);
        assertThat(calls(id + 1)).hasSize(1);

        fixture.execute("COMMIT PREPARED '%syes'".formatted(name), "ROLLBACK PREPARED '%sno'".formatted(name));
        settle();
        await(id, id + 1);
        assertThat(calls(id)).hasSize(2);
        assertThat(calls(id + 1)).hasSize(1);
    }

    @Test
    void email_isSentUnchanged_omittedIfBlank() throws Exception {
        long id = ids();
        String blanks = "  Zoe.User%d@Example.COM ".formatted(id);
        fixture.execute(
                insert(id, null, "A", "1"),
                insert(id + 1, "", "A", "1"),
                insert(id + 2, "   ", "A", "1"),
                insert(id + 3, blanks, "A", "1"));
        await(id, id + 3);

        for (long unnamed = id; unnamed < id + 3; unnamed++) {
            assertThat(calls(unnamed))
                    .hasSize(1)
                    .allSatisfy(call -> assertThat(call.person().has("email")).isFalse());
        }
        assertThat(calls(id + 3))
                .extracting(call -> call.person().path("email").asText())
                .containsExactly(blanks);

        // set, and to null again
        fixture.execute("UPDATE public.users SET email = '%s' WHERE id = %d".formatted(address(id), id));
        await(id, id);
        fixture.execute("UPDATE public.users SET email = NULL, phone = '2' WHERE id IN (%d, %d)".formatted(id, id + 1));
        await(id, id + 3);
        assertThat(Stream.of(id, id + 1)
                        .map(unnamed -> calls(unnamed).get(calls(unnamed).size() - 1)))
                .allSatisfy(call -> assertThat(call.person().has("email")).isFalse());
        assertThat(person(id).email()).isEqualTo(address(id));
    }
}
