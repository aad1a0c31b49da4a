package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every name that Postgres accepts: the job reads exactly this table and these columns. */
class NamesIT {
    private static final int POSTGRES = 3;
    private static final int ATTENTION = 6;
    private static final int SECONDS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Columns of text. */
    private static final List<String> COLUMNS = List.of(
            "Mixed",
            "select",
            "a.b",
            "a,b",
            "a b",
            " a",
            "a;b--c",
            "it's",
            "'tis",
            "say \"hi\" now",
            "100%s %d %",
            "$1 $$ ${x}",
            "?",
            "{fn x}",
            "back\\slash",
            "a*[b]+(c)|^d$",
            "Straße Ünï",
            "😀 e\u0301",
            "flameup_size",
            "s" + "ixtythree".repeat(6) + "bytes678");

    private static final List<String> NEIGHBOURS = List.of("axb", "a_b", "ab", "a-b", "mixed2");

    private static String quoted(String name) {
        return OtherTable.quoted(name);
    }

    private static OtherTable table(Fixture fixture, String schema, String name) {
        Map<String, String> traits = new LinkedHashMap<>();
        COLUMNS.forEach(column -> traits.put("trait of " + column, column));
        return new OtherTable(fixture, schema, name, "Id.%", "E-Mail \"of\" user", traits);
    }

    private static String create(OtherTable table) {
        StringBuilder sql =
                new StringBuilder("CREATE TABLE ").append(table.quoted()).append(" (");
        NEIGHBOURS.forEach(column -> sql.append(quoted(column)).append(" text DEFAULT 'a neighbour''s', "));
        COLUMNS.forEach(column -> sql.append(quoted(column)).append(" text, "));
        return sql.append(quoted(table.email()))
                .append(" text, ")
                .append(quoted(table.userId()))
                .append(" bigint PRIMARY KEY)")
                .toString();
    }

    private static String insert(OtherTable table, long from, long to, String value) {
        StringBuilder names = new StringBuilder(quoted(table.userId()) + ", " + quoted(table.email()));
        StringBuilder values = new StringBuilder("i, 'user' || i || '@example.com'");
        for (int i = 0; i < COLUMNS.size(); i++) {
            names.append(", ").append(quoted(COLUMNS.get(i)));
            values.append(", '").append(value).append(' ').append(i).append("'");
        }
        return "INSERT INTO %s (%s) SELECT %s FROM generate_series(%d, %d) i"
                .formatted(table.quoted(), names, values, from, to);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "My \"Schema\".a%b $1 select ; User's.Table \"%s\" $$ ? {x} [a-z]+ 😀",
                "Public ; 63 bytes, Ünd noch einiges mehr, bis es nicht mehr weiter geht",
            })
    void unusualNames_areSupported(String schema, String name) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            OtherTable table = table(fixture, schema, name);
            assertThat(name.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(63);
            table.configure();
            fixture.execute(
                    "CREATE SCHEMA IF NOT EXISTS " + quoted(schema), create(table), insert(table, 1, 700, "loaded"));
            fixture.standIn().when(StandIn.about("7"), Behaviour.status(422));

            // first load, with one person refused
            SyncProcess.Result first = fixture.untilCaughtUp();
            assertThat(first.exitCode()).as("%s", first).isEqualTo(ATTENTION);
            fixture.standIn().reset();

            // stream
            SyncProcess process = fixture.run();
            process.awaitLog("Following", LIMIT);
            fixture.execute(insert(table, 1_001, 1_010, "streamed"));
            for (String column : COLUMNS) {
                fixture.execute("UPDATE %s SET %s = 'updated' WHERE %s = 1001"
                        .formatted(table.quoted(), quoted(column), quoted(table.userId())));
            }
            table.awaitPersons(quoted(table.userId()) + " <> 7", SECONDS);

            // retry by key, by the run that is active
            SyncProcess.Result retry =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(LIMIT);
            assertThat(retry.exitCode()).as("%s", retry).isZero();
            table.assertPersons();
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
            assertThat(fixture.standIn().history())
                    .extracting(call -> call.person().toString())
                    .noneMatch(person -> person.contains("neighbour"));
        }
    }

    /** A publication of another tool that contains all of the tables. */
    @ParameterizedTest
    @CsvSource({"public, users_1", "My.schema, user.s", "Public, Users"})
    void similarlyNamedTable_isNotSent(String schema, String name) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            OtherTable table = OtherTable.of(fixture, name, "id", "email", "a.b");
            table = new OtherTable(fixture, schema, name, "id", "email", table.traits());
            List<OtherTable> neighbours = new ArrayList<>();
            for (String[] other : new String[][] {
                {"public", "users_1"},
                {"public", "usersX1"},
                {"public", "USERS_1"},
                {"public", "user.s"},
                {"My.schema", "user.s"},
                {"My", "schema.user.s"},
                {"My.schema", "userss"},
                {"My.schema", "User.s"},
                {"public", "userss"},
                {"public", "User.s"},
                {"My.schema", "users"},
                {"my.schema", "users"},
                {"MyXschema", "users"},
                {"Public", "Users"},
                {"public", "Users"},
                {"Public", "users"}
            }) {
                neighbours.add(new OtherTable(fixture, other[0], other[1], "id", "email", table.traits()));
            }
            assertThat(neighbours.remove(table)).isTrue();
            for (OtherTable one : neighbours) {
                create(fixture, one);
            }
            create(fixture, table);
            fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR ALL TABLES");
            table.configure();
            SyncProcess process = fixture.run();
            process.awaitLog("Following", LIMIT);
            fixture.execute("INSERT INTO %s (id, email, \"a.b\", axb) VALUES (1, 'a@example.com', 'A', 'never')"
                    .formatted(table.quoted()));
            table.awaitPersons(60);

            long id = 100;
            for (OtherTable one : neighbours) {
                fixture.execute(
                        "INSERT INTO %s (id, email, \"a.b\", axb) VALUES (%d, 'never%d@example.com', 'never', 'never')"
                                .formatted(one.quoted(), ++id, id),
                        "INSERT INTO %s (id, \"a.b\") VALUES (1, 'never')".formatted(one.quoted()),
                        "UPDATE %s SET axb = 'B', \"a.b\" = 'never'".formatted(one.quoted()),
                        "DELETE FROM %s WHERE id = 1".formatted(one.quoted()),
                        "TRUNCATE " + one.quoted());
            }
            fixture.execute("UPDATE %s SET \"a.b\" = 'B', axb = 'never'".formatted(table.quoted()));
            table.awaitPersons(SECONDS);
            process.term();
            SyncProcess.Result result = process.awaitExit(LIMIT);

            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.err()).doesNotContain("truncated");
            assertThat(fixture.standIn().history())
                    .extracting(call -> call.person().toString())
                    .noneMatch(person -> person.contains("never"));
            assertThat(fixture.standIn().personCount()).isEqualTo(1);
        }
    }

    private static void create(Fixture fixture, OtherTable table) throws SQLException {
        fixture.execute(
                "CREATE SCHEMA IF NOT EXISTS " + quoted(table.schema()),
                "CREATE TABLE %s (axb text, id bigint PRIMARY KEY, email text, \"a.b\" text)"
                        .formatted(table.quoted()));
    }

    @Test
    void indistinguishableColumns_areRefusedWithRemedy() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.execute("ALTER TABLE public.users ADD COLUMN \"Email\" text, ADD COLUMN \"'phone'\" text");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            BadInputIT.assertNoStackTrace(result);
            assertThat(result.err())
                    .contains("email and Email", "RENAME COLUMN \"Email\"")
                    .contains("phone and 'phone'", "RENAME COLUMN \"'phone'\"");
            assertThat(fixture.value("SELECT count(*) FROM pg_publication")).isEqualTo("0");
        }
    }

    /** To Debezium they have another name, and so their rows are read again. */
    @Test
    void quotedColumns_areSent() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            String[] columns = {"\"a\"", "'b'", "`c`", "d"};
            OtherTable table = OtherTable.of(fixture, "members", "id", "email", columns);
            fixture.execute(
                    "CREATE TABLE public.members (id int PRIMARY KEY, email text, %s text, %s text, %s text, d text)"
                            .formatted(quoted(columns[0]), quoted(columns[1]), quoted(columns[2])),
                    "INSERT INTO public.members VALUES (1, 'one@example.com', 'A', 'B', 'C', 'D')");
            table.configure();
            SyncProcess process = fixture.run();
            table.awaitPersons(60);

            fixture.execute(
                    "INSERT INTO public.members VALUES (2, 'two@example.com', 'A', NULL, 'C', 'D')",
                    "UPDATE public.members SET \"'b'\" = 'changed', \"`c`\" = NULL WHERE id = 1",
                    "UPDATE public.members SET d = 'changed' WHERE id = 2");
            table.awaitPersons(SECONDS);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    @Test
    void quotedKey_isRefused() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            OtherTable table = OtherTable.of(fixture, "members", "id", "email");
            fixture.execute("CREATE TABLE public.members (\"'k'\" int PRIMARY KEY, id text, email text)");
            table.configure();

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            BadInputIT.assertNoStackTrace(result);
            assertThat(result.errLines()).anyMatch(line -> line.contains("RENAME COLUMN \"'k'\" TO"));
        }
    }
}
