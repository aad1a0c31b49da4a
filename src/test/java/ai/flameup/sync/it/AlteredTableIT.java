package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Migrations run during a sync: none of them fails, and none of their changes is lost. */
class AlteredTableIT {
    private static Fixture fixture(int version, String... traits) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.execute("CREATE TABLE public.members (id bigint PRIMARY KEY, email text, a text, n integer)");
        map(fixture, traits);
        return fixture;
    }

    /** Rewrites the configuration with these traits: a column name, or {@code trait=column}. */
    private static void map(Fixture fixture, String... traits) {
        StringBuilder lines = new StringBuilder("  traits:\n");
        for (String trait : traits) {
            String[] parts = trait.split("=", 2);
            lines.append("    %s: %s%n".formatted(parts[0], parts[parts.length - 1]));
        }
        fixture.configure(before -> before.replace("table: public.users", "table: public.members")
                .replaceAll("  traits:\n(    .*\n)+", lines.toString()));
    }

    /** Of each person that has one, its trait as JSON. */
    private static Map<String, String> sent(Fixture fixture, String trait) {
        Map<String, String> sent = new TreeMap<>();
        for (StoredPerson person : fixture.standIn().persons()) {
            if (person.traits().containsKey(trait)) {
                sent.put(person.externalId(), person.traits().get(trait).toString());
            }
        }
        return sent;
    }

    private static void awaitSent(Fixture fixture, String trait, Map<String, String> expected) {
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(sent(fixture, trait)).isEqualTo(expected));
    }

    @Test
    void addedColumn_mappedLater_isSent() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "a")) {
            fixture.execute("INSERT INTO public.members VALUES (1, NULL, 'x', 1)");
            SyncProcess process = fixture.run();
            awaitSent(fixture, "a", Map.of("1", "\"x\""));

            fixture.execute(
                    "ALTER TABLE public.members ADD COLUMN extra text DEFAULT 'none'",
                    "UPDATE public.members SET a = 'y', extra = 'e1'",
                    "INSERT INTO public.members VALUES (2, NULL, 'z', 2, 'e2')");
            awaitSent(fixture, "a", Map.of("1", "\"y\"", "2", "\"z\""));
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(20)).exitCode()).isZero();

            fixture.execute("UPDATE public.members SET n = 5 WHERE id = 1");
            map(fixture, "a", "extra");
            fixture.catchUp();
            assertThat(sent(fixture, "extra")).containsEntry("1", "\"e1\"");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void mappedColumn_renamedWithBacklog_isSent(int version) throws Exception {
        try (Fixture fixture = fixture(version, "a", "n")) {
            fixture.execute("INSERT INTO public.members SELECT i, NULL, 'old', i FROM generate_series(1, 4) i");
            fixture.catchUp();

            // given unread changes from before and after the column was renamed
            fixture.execute(
                    "UPDATE public.members SET a = 'before' WHERE id IN (1, 2)",
                    "INSERT INTO public.members VALUES (5, NULL, 'new', 5)",
                    "ALTER TABLE public.members RENAME COLUMN a TO b",
                    "UPDATE public.members SET b = 'after' WHERE id IN (2, 3)");

            // when the mapping names the column as it is now
            map(fixture, "a=b", "n");
            fixture.catchUp();

            assertThat(sent(fixture, "a"))
                    .isEqualTo(Map.of(
                            "1", "\"before\"", "2", "\"after\"", "3", "\"after\"", "4", "\"old\"", "5", "\"new\""));
            assertThat(sent(fixture, "n")).hasSize(5);
        }
    }

    @Test
    void mappedColumn_dropped_haltsUntilRestored() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "a", "n")) {
            fixture.execute("INSERT INTO public.members SELECT i, NULL, 'old', i FROM generate_series(1, 3) i");
            SyncProcess process = fixture.fork("run");
            awaitSent(fixture, "a", Map.of("1", "\"old\"", "2", "\"old\"", "3", "\"old\""));

            // when it is dropped, the run halts, and says which
            fixture.execute(
                    "ALTER TABLE public.members DROP COLUMN a", "UPDATE public.members SET n = 10 WHERE id IN (1, 2)");
            process.awaitLog("Halted: .*column.* \"?a\"?.*", Duration.ofSeconds(20));

            // then it resumes by itself once the column exists again
            fixture.execute(
                    "ALTER TABLE public.members ADD COLUMN a text",
                    "UPDATE public.members SET a = 'again' WHERE id = 1");
            process.hup();
            awaitSent(fixture, "n", Map.of("1", "10", "2", "10", "3", "3"));
            awaitSent(fixture, "a", Map.of("1", "\"again\"", "2", "null", "3", "\"old\""));
        }
    }

    /** The configuration does not name the column, but its trait was sent. */
    @Test
    void defaultTraitColumn_dropped_haltsAsIfConfigured() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure(text -> text.replaceFirst("(?s)  traits:\n.*?(?=state:)", ""));
            fixture.execute("CREATE TABLE other (LIKE users)", Fixture.insertStatement(1, 3));
            SyncProcess process = fixture.fork("run");
            fixture.awaitState("in_step");
            fixture.execute("ALTER TABLE users DROP COLUMN phone", "UPDATE users SET last_name = 'x' WHERE id = 2");
            process.awaitLog("Halted: .*column.* \"?phone\"?", Duration.ofSeconds(60));

            // a new run reports it as well
            process.term();
            process.awaitExit(Duration.ofSeconds(30));
            SyncProcess.Result finite = fixture.untilCaughtUp();
            assertThat(finite.exitCode()).as("%s", finite).isEqualTo(3);
            assertThat(finite.err()).contains("the table has lost column phone");
            process = fixture.fork("run");
            process.awaitLog("Halted: .*the table has lost column phone", Duration.ofSeconds(60));

            fixture.execute(
                    "ALTER TABLE users ADD COLUMN phone text",
                    "UPDATE users SET phone = '7' WHERE id = 3",
                    "INSERT INTO users (id, phone) VALUES (99, '99')");
            process.hup();
            fixture.awaitState("in_step");
            Eventually.within(
                    60, "the phones", () -> fixture.versions().equals(Map.of("1", 1L, "2", 0L, "3", 7L, "99", 99L)));
        }
    }

    @Test
    void mappedColumn_droppedInFiniteRun_isNamed() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "a", "n")) {
            fixture.execute("INSERT INTO public.members VALUES (1, NULL, 'x', 1)");
            fixture.catchUp();
            fixture.execute("ALTER TABLE public.members DROP COLUMN a");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).isEqualTo(3);
            assertThat(result.err()).contains("mapping.traits.a: the table has no column a");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void columnType_changedDuringRun_isFollowed(int version) throws Exception {
        try (Fixture fixture = fixture(version, "a", "n", "at")) {
            fixture.execute(
                    "ALTER TABLE public.members ADD COLUMN at timestamp",
                    "INSERT INTO public.members SELECT i, NULL, i::text, i, '2026-11-23 14:42' FROM generate_series(1, 3) i");
            fixture.run();
            awaitSent(fixture, "n", Map.of("1", "1", "2", "2", "3", "3"));

            fixture.execute(
                    "UPDATE public.members SET n = 20 WHERE id = 2",
                    "ALTER TABLE public.members ALTER COLUMN n TYPE text USING 'n' || n,"
                            + " ALTER COLUMN a TYPE integer USING a::integer,"
                            + " ALTER COLUMN at TYPE timestamptz USING at AT TIME ZONE 'UTC'",
                    "UPDATE public.members SET at = at + interval '1 second' WHERE id = 3");

            awaitSent(fixture, "n", Map.of("1", "1", "2", "20", "3", "\"n3\""));
            awaitSent(fixture, "a", Map.of("1", "\"1\"", "2", "\"2\"", "3", "3"));
            awaitSent(
                    fixture,
                    "at",
                    Map.of(
                            "1", "\"2026-11-23T14:42:00\"",
                            "2", "\"2026-11-23T14:42:00\"",
                            "3", "\"2026-11-23T14:42:01Z\""));
        }
    }

    @Test
    void table_rewrittenDuringFirstLoad_losesNothing() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "a", "n")) {
            fixture.execute("INSERT INTO public.members SELECT i, NULL, 'x', i FROM generate_series(1, 5000) i");
            SyncProcess process = fixture.start("run", "--until-caught-up");
            fixture.awaitRequests(200, 30);

            // A slow migration: the job's reads keep their snapshot and wait for the lock.
            try (Connection migration = fixture.connect();
                    Statement statement = migration.createStatement()) {
                migration.setAutoCommit(false);
                statement.execute("ALTER TABLE public.members ALTER COLUMN n TYPE numeric(12,2)");
                Eventually.within(
                        20, "a reader that waits", () -> fixture.value("SELECT count(*) FROM pg_locks WHERE NOT granted"
                                        + " AND relation = 'public.members'::regclass")
                                .equals("1"));
                migration.commit();
            }

            assertThat(process.awaitExit(Duration.ofSeconds(60)).exitCode()).isZero();
            assertThat(fixture.standIn().persons()).hasSize(5_000);
            assertThat(sent(fixture, "n")).containsEntry("5000", "5000.00").containsEntry("1", "1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void generatedColumn_isReadFromTable(int version) throws Exception {
        try (Fixture fixture = fixture(version, "doubled")) {
            fixture.execute(
                    "ALTER TABLE public.members ADD COLUMN doubled integer GENERATED ALWAYS AS (n * 2) STORED",
                    "INSERT INTO public.members VALUES (1, NULL, 'x', 1)");
            fixture.run();
            awaitSent(fixture, "doubled", Map.of("1", "2"));

            fixture.execute(
                    "UPDATE public.members SET n = 5 WHERE id = 1",
                    "INSERT INTO public.members VALUES (2, NULL, 'x', 7)");
            awaitSent(fixture, "doubled", Map.of("1", "10", "2", "14"));
        }
    }

    @Test
    void manyDeferredRows_inOneTransaction_areDeliveredByFiniteRun() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "doubled")) {
            fixture.execute(
                    "ALTER TABLE public.members ADD COLUMN doubled integer GENERATED ALWAYS AS (n * 2) STORED",
                    "INSERT INTO public.members SELECT i, NULL, 'x', i FROM generate_series(1, 3000) i");
            fixture.catchUp();
            fixture.execute(
                    "UPDATE public.members SET n = n + 1000000", "DELETE FROM public.members WHERE id % 100 = 0");

            // given a process that is killed while it reads them
            long before = fixture.standIn().requests();
            SyncProcess process = fixture.fork("run");
            fixture.awaitRequests(before + 1_000, 60);
            process.kill9();

            fixture.catchUp();
            Map<String, String> sent = sent(fixture, "doubled");
            for (int id = 1; id <= 3_000; id++) {
                if (id % 100 != 0) {
                    assertThat(sent).containsEntry("" + id, "" + 2 * (1_000_000 + id));
                }
            }
        }
    }

    @Test
    void enum_extendedDuringRun_isFollowed() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "mood")) {
            fixture.execute(
                    "CREATE TYPE public.mood AS ENUM ('sad')",
                    "ALTER TABLE public.members ADD COLUMN mood public.mood",
                    "INSERT INTO public.members VALUES (1, NULL, 'x', 1, 'sad')");
            fixture.run();
            awaitSent(fixture, "mood", Map.of("1", "\"sad\""));

            fixture.execute("ALTER TYPE public.mood ADD VALUE 'glad'");
            fixture.execute("UPDATE public.members SET mood = 'glad'");
            awaitSent(fixture, "mood", Map.of("1", "\"glad\""));
        }
    }

    @Test
    void userId_notUnique_isNamed() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "n")) {
            fixture.execute("INSERT INTO public.members VALUES (1, NULL, 'x', 1)");
            assertThat(fixture.catchUp().err()).doesNotContain("unique");

            fixture.configure(before -> before.replace("table: public.users", "table: public.members")
                    .replace("user-id: id", "user-id: a")
                    .replace("state\n", "state2\n")
                    .replace(fixture.slot(), fixture.slot() + "_2")
                    .replaceAll("  traits:\n(    .*\n)+", "  traits:\n    n: n\n"));
            assertThat(fixture.catchUp().err()).contains("mapping.user-id: column a has no unique index");

            fixture.execute("CREATE UNIQUE INDEX ON public.members (a)", "UPDATE public.members SET n = 2");
            assertThat(fixture.catchUp().err()).doesNotContain("unique");
        }
    }

    /** A row that is changed while it is read again, and deleted before it is read once more. */
    @Test
    void deferredRows_changedAndDeleted_areDropped() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST, "doubled")) {
            fixture.execute(
                    "ALTER TABLE public.members ADD COLUMN doubled integer GENERATED ALWAYS AS (n * 2) STORED",
                    "INSERT INTO public.members SELECT i, NULL, 'x', i FROM generate_series(1, 600) i");
            fixture.catchUp();
            fixture.run();
            for (int id = 1; id <= 400; id++) {
                fixture.execute(
                        "UPDATE public.members SET n = n + 1000 WHERE id BETWEEN %d AND %d".formatted(id, id + 20));
                fixture.execute("DELETE FROM public.members WHERE id = " + id);
            }
            fixture.execute("UPDATE public.members SET n = -id");

            Eventually.within(30, "the last change of each row", () -> {
                Map<String, String> sent = sent(fixture, "doubled");
                return IntStream.rangeClosed(401, 600).allMatch(id -> ("" + -2 * id).equals(sent.get("" + id)));
            });
            Eventually.within(
                    30, "nothing to be read again", () -> fixture.store().deferred() == 0);
        }
    }
}
