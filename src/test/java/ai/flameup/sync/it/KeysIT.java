package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Primary keys of every type: the order of the first load, the retry of a dead letter, and separate user ids. */
class KeysIT {
    private static final int POSTGRES = 3;
    private static final int ATTENTION = 6;
    private static final int ROWS = 1_300;
    private static final int SECONDS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static Fixture fixture(int version) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.execute("CREATE EXTENSION citext", "CREATE TYPE public.plan AS ENUM ('pro', 'basic', 'free', 'trial')");
        return fixture;
    }

    private static OtherTable accounts(Fixture fixture) {
        return OtherTable.of(fixture, "accounts", "login", "email", "name", "plan");
    }

    /** Two columns are added that the user is known by. */
    private static String create(String columns, String key) {
        return "CREATE TABLE public.accounts (%s, login text UNIQUE, email text, name text, plan text, PRIMARY KEY (%s))"
                .formatted(columns, key);
    }

    private static StoredPerson person(Fixture fixture, String userId) {
        List<StoredPerson> found = fixture.standIn().persons().stream()
                .filter(person -> userId.equals(person.externalId()))
                .toList();
        assertThat(found).as("persons " + userId).hasSize(1);
        return found.get(0);
    }

    /** Many rows share the values of the first columns of a composite key, and neighbours differ by case or sign alone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "18; k public.citext; k; CASE WHEN i % 2 = 0 THEN upper(md5(i::text)) ELSE md5(i::text) END",
                "18; a text, b bigint, c uuid; b, a, c; (ARRAY['', ' ', 'it''s', 'Zoë \"q\"', 'zoe', 'ZOE', '😀', E'a\\\\b', '%_'])[i % 9 + 1],"
                        + " CASE WHEN i % 3 = 0 THEN -9223372036854775808 + i ELSE -(i % 5) END, md5(i::text)::uuid",
                "18; a numeric, b timestamptz, c varchar(20), d boolean; a, b, c, d; CASE WHEN i % 10 = 0 THEN 'NaN' ELSE (i % 7 - 3) * 1.50 END,"
                        + " CASE i % 4 WHEN 0 THEN '-infinity' WHEN 1 THEN 'infinity' ELSE timestamptz '1969-12-31 23:59:59.999999+00' + i % 6 * interval '0.5 s' END,"
                        + " CASE WHEN i % 2 = 0 THEN 'Ä' ELSE 'a' END || i / 2, i % 2 = 0",
                "18; a public.plan, b date, c bytea, d timestamp, e double precision, f inet; a, b, c, d, e, f;"
                        + " (ARRAY['trial', 'free', 'basic', 'pro'])[i % 4 + 1]::public.plan, date '2000-01-01' - i % 9,"
                        + " decode(CASE WHEN i % 2 = 0 THEN 'ff00' ELSE '00' END, 'hex'), timestamp '1969-12-31 23:59:59.5' + i % 5 * interval '0.3 s',"
                        + " CASE i % 3 WHEN 0 THEN '-Infinity' WHEN 1 THEN 1 / 3.0 ELSE -1e300 END, inet '10.0.0.0' + i",
                "14; a public.citext, b char(5), c numeric(20,3), d smallint; a, b, c, d; CASE WHEN i % 2 = 0 THEN 'ACME' WHEN i % 3 = 0 THEN 'Zebra' ELSE 'beta' END,"
                        + " chr(97 + i % 26), i % 100 / 3.0, i % 1000",
            })
    void anyKey_isReadInOrder(int version, String columns, String key, String values) throws Exception {
        try (Fixture fixture = fixture(version)) {
            OtherTable accounts = accounts(fixture);
            accounts.configure();
            fixture.execute(
                    create(columns, key),
                    "INSERT INTO public.accounts SELECT %s, 'user ' || i, 'user' || i || '@example.com', 'N', 'free' FROM generate_series(1, %d) i"
                            .formatted(values, ROWS),
                    "ANALYZE public.accounts");
            String refused =
                    fixture.value("SELECT login FROM public.accounts ORDER BY %s OFFSET 700 LIMIT 1".formatted(key));
            fixture.standIn()
                    .when(StandIn.about(refused), Behaviour.status(422))
                    .when(request -> true, Behaviour.ok().after(Duration.ofMillis(10)));

            // first load, killed in its midst where the key is a composite one
            SyncProcess process = fixture.fork("run");
            if (key.contains(",")) {
                fixture.awaitRequests(600, 60);
                process.kill9();
                assertThat(fixture.standIn().personCount()).as("not all").isLessThan(ROWS - 1);
                process = fixture.fork("run");
            }
            accounts.awaitPersons("login <> '" + refused + "'", 60);
            Eventually.within(
                    SECONDS, "the letter", () -> fixture.store().deadLetters().size() == 1);
            assertThat(fixture.standIn().personCount()).isEqualTo(ROWS - 1);

            // the retry, by key
            fixture.standIn().reset();
            SyncProcess.Result retry =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(LIMIT);
            assertThat(retry.exitCode()).as("%s", retry).isZero();
            assertThat(retry.out()).contains("1 delivered, 0 refused again, 0 gone");
            accounts.assertPersons();

            // changes of the rows
            fixture.execute(
                    "UPDATE public.accounts SET plan = 'pro' WHERE login = '%s'".formatted(refused),
                    "DELETE FROM public.accounts WHERE login = 'user 5'");
            accounts.awaitPersons(SECONDS);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL"})
    void userId_notPrimaryKey_isSupported(String identity) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            OtherTable accounts = accounts(fixture);
            accounts.configure("on-delete: mark");
            fixture.execute(
                    create("tenant int, nr int", "tenant, nr"),
                    "ALTER TABLE public.accounts REPLICA IDENTITY " + identity,
                    "INSERT INTO public.accounts VALUES (1, 1, 'one', NULL, 'N', 'free'), (1, 2, 'two', 'two@example.com', 'N', 'free'),"
                            + " (1, 3, NULL, 'three@example.com', 'N', 'free'), (1, 4, '', 'four@example.com', 'N', 'free'),"
                            + " (1, 5, 'five', NULL, 'N', 'free'), (1, 6, 'six', NULL, 'N', 'free')");

            // null and empty: dead letters, with the reason
            SyncProcess.Result first = fixture.untilCaughtUp();
            assertThat(first.exitCode()).as("%s", first).isEqualTo(ATTENTION);
            accounts.awaitPersons("login <> ''", SECONDS);
            assertThat(fixture.store().deadLetters())
                    .extracting(letter -> letter.get("reason"))
                    .containsExactlyInAnyOrder("the user id is null", "the user id is empty");
            assertThat(fixture.standIn().personCount()).isEqualTo(4);

            // and by the stream
            SyncProcess process = fixture.run();
            process.awaitLog("Following", LIMIT);
            fixture.execute(
                    "INSERT INTO public.accounts VALUES (2, 1, NULL, NULL, 'N', 'free'), (2, 2, 'later', NULL, 'N', 'free')");
            accounts.awaitPersons("login <> ''", SECONDS);
            Eventually.within(
                    SECONDS, "the letter", () -> fixture.store().deadLetters().size() == 3);

            // another user id: another person, and the old one stays unchanged
            fixture.execute("UPDATE public.accounts SET login = 'uno', plan = 'pro' WHERE nr = 1 AND tenant = 1");
            accounts.awaitPersons("login = 'uno'", SECONDS);
            assertThat(person(fixture, "one").traits().get("plan").asText()).isEqualTo("free");

            // with an address, the API finds the old person and gives it the new id
            fixture.execute("UPDATE public.accounts SET login = 'due', plan = 'pro' WHERE nr = 2 AND tenant = 1");
            accounts.awaitPersons("login = 'due'", SECONDS);
            assertThat(fixture.standIn().persons())
                    .extracting(StoredPerson::externalId)
                    .doesNotContain("two");

            // another key with the same user id: the same person, not deleted
            fixture.execute("UPDATE public.accounts SET tenant = 9, plan = 'moved' WHERE login = 'five'");
            accounts.awaitPersons("login = 'five'", SECONDS);
            assertThat(isMarked(fixture, "five")).isFalse();

            // a delete contains the user id only with REPLICA IDENTITY FULL
            fixture.execute("DELETE FROM public.accounts WHERE login = 'six'");
            if (identity.equals("FULL")) {
                Eventually.within(SECONDS, "the mark", () -> isMarked(fixture, "six"));
            } else {
                Eventually.within(SECONDS, "the letter", () -> fixture.store().deadLetters().stream()
                        .anyMatch(letter -> letter.get("reason").contains("replica identity")));
            }

            // a new user id for a row without one, and a retry by key
            fixture.execute(
                    "UPDATE public.accounts SET login = 'three' WHERE nr = 3",
                    "UPDATE public.accounts SET login = 'four' WHERE nr = 4");
            accounts.awaitPersons("login <> ''", SECONDS);
            SyncProcess.Result retry =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(LIMIT);
            assertThat(retry.out()).as("%s", retry).contains("2 delivered");
            assertThat(fixture.store().deadLetters())
                    .extracting(letter -> letter.get("reason"))
                    .doesNotContain("the user id is empty")
                    .filteredOn(reason -> reason.equals("the user id is null"))
                    .hasSize(1);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE public.accounts DROP CONSTRAINT accounts_pkey|no primary key|ADD PRIMARY KEY",
                "ALTER TABLE public.accounts DROP CONSTRAINT accounts_pkey, ADD PRIMARY KEY (id) DEFERRABLE|deferrable|REPLICA IDENTITY FULL",
                "ALTER TABLE public.accounts REPLICA IDENTITY NOTHING|NOTHING|REPLICA IDENTITY DEFAULT",
                "ALTER TABLE public.accounts REPLICA IDENTITY USING INDEX other; DROP INDEX public.other| lost the index|REPLICA IDENTITY DEFAULT",
                "CREATE TABLE public.vip () INHERITS (public.accounts)|public.vip|postgres.table",
                "ALTER TABLE public.accounts SET UNLOGGED|unlogged|SET LOGGED",
                "ALTER TABLE public.accounts DROP CONSTRAINT accounts_pkey, ADD iv interval DEFAULT '1 day', ADD PRIMARY KEY (iv)|column iv of the primary key (interval)|without it",
                "ALTER TABLE public.accounts DROP CONSTRAINT accounts_pkey, ADD gen int GENERATED ALWAYS AS (id + 1) STORED, ADD PRIMARY KEY (gen, id)|column gen of the primary key (generated)|without it",
                "ALTER TABLE public.accounts DROP CONSTRAINT accounts_pkey, ADD ar int[] DEFAULT '{1}', ADD PRIMARY KEY (ar)|column ar of the primary key (integer[])|without it"
            })
    void unsupportedTable_isRefusedWithRemedy(String statement, String why, String remedy) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            accounts(fixture).configure();
            fixture.execute(
                    create("id int, second int NOT NULL", "id"),
                    "CREATE UNIQUE INDEX other ON public.accounts (second)",
                    "INSERT INTO public.accounts (id, second, login) VALUES (1, 1, 'one')",
                    statement);

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            BadInputIT.assertNoStackTrace(result);
            assertThat(result.errLines()).anySatisfy(line -> assertThat(line).contains("public.accounts", why, remedy));
            fixture.execute("UPDATE public.accounts SET plan = 'still works'");
            assertThat(fixture.value("SELECT count(*) FROM pg_publication")).isEqualTo("0");
        }
    }

    /** User ids for which the connector uses 0 or an empty text if a delete does not contain them. */
    @ParameterizedTest
    @CsvSource({"USING INDEX by_address, false", "USING INDEX by_user, true"})
    void delete_marksNoOtherPerson(String identity, boolean tells) throws Exception {
        try (Fixture fixture = fixture(PostgresServer.OLDEST)) {
            OtherTable members = OtherTable.of(fixture, "members", "user_no", "email", "plan");
            members.configure("on-delete: mark");
            fixture.execute(
                    "CREATE TABLE public.members (id bigint PRIMARY KEY, user_no bigint NOT NULL, email text NOT NULL, plan text)",
                    "CREATE UNIQUE INDEX by_address ON public.members (email)",
                    "CREATE UNIQUE INDEX by_user ON public.members (user_no)",
                    "ALTER TABLE public.members REPLICA IDENTITY " + identity,
                    "INSERT INTO public.members VALUES (0, 0, 'zero@example.com', 'pro'), (1, 1, 'one@example.com', 'pro'),"
                            + " (2, 2, 'two@example.com', NULL)");
            SyncProcess process = fixture.run();
            members.awaitPersons(60);

            fixture.execute(
                    "UPDATE public.members SET email = 'uno@example.com' WHERE id = 1",
                    "DELETE FROM public.members WHERE id > 0",
                    "UPDATE public.members SET plan = 'free'");
            members.awaitPersons(SECONDS);

            if (tells) {
                Eventually.within(SECONDS, "the marks", () -> isMarked(fixture, "1") && isMarked(fixture, "2"));
            } else {
                Eventually.within(
                        SECONDS,
                        "the letters",
                        () -> fixture.store().deadLetters().size() == 2);
                assertThat(fixture.store().deadLetters())
                        .allSatisfy(letter -> assertThat(letter.get("reason")).contains("replica identity"));
                assertThat(isMarked(fixture, "1") || isMarked(fixture, "2")).isFalse();
            }
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
            assertThat(isMarked(fixture, "0")).isFalse();
        }
    }

    private static boolean isMarked(Fixture fixture, String userId) {
        JsonNode deleted = person(fixture, userId).traits().get("deleted_at");
        return deleted != null && deleted.isTextual();
    }

    /** Its policies would hide rows from the first load, and from nothing else. */
    @Test
    void rowSecurity_isRefusedWithRemedy() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            accounts(fixture).configure(all -> all.replace("username: postgres", "username: hidden_from"));
            String role = "FROM pg_roles WHERE rolname = 'hidden_from'";
            fixture.execute(
                    "DO $$ BEGIN IF NOT EXISTS (SELECT " + role
                            + ") THEN CREATE ROLE hidden_from LOGIN REPLICATION PASSWORD 'any'; END IF; END $$",
                    create("id int", "id"),
                    "GRANT SELECT ON public.accounts TO hidden_from",
                    "ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY",
                    "CREATE POLICY few ON public.accounts USING (id = 1)",
                    "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.accounts",
                    "INSERT INTO public.accounts (id, login) VALUES (1, 'one'), (2, 'two')");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
            assertThat(result.errLines()).anySatisfy(line -> assertThat(line)
                    .contains("row security", "ALTER ROLE \"hidden_from\" BYPASSRLS"));

            fixture.execute("ALTER ROLE hidden_from BYPASSRLS");
            fixture.catchUp();
            accounts(fixture).assertPersons();
            fixture.execute("DROP OWNED BY hidden_from", "DROP ROLE hidden_from");
        }
    }

    @Test
    void deferrableKey_withReplicaIdentityFull_isSupported() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            OtherTable accounts = accounts(fixture);
            accounts.configure();
            fixture.execute(
                    create("id int", "id"),
                    "ALTER TABLE public.accounts DROP CONSTRAINT accounts_pkey, ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED",
                    "ALTER TABLE public.accounts REPLICA IDENTITY FULL",
                    "INSERT INTO public.accounts (id, login) VALUES (1, 'one'), (2, 'two')");
            SyncProcess process = fixture.run();
            accounts.awaitPersons(60);

            // swapped keys, for which deferrable keys exist
            fixture.execute("UPDATE public.accounts SET id = 3 - id, plan = 'swapped'");
            accounts.awaitPersons(SECONDS);
            process.term();
            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    /** The stream's changes cannot be assigned to its rows. */
    @Test
    void changes_whileKeyIsRenamed_areGap() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);
            fixture.catchUp();
            fixture.execute(
                    "ALTER TABLE users RENAME id TO uid",
                    "UPDATE users SET phone = '2' WHERE uid = 2",
                    "ALTER TABLE users RENAME uid TO id");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(7);
            assertThat(result.err()).contains("column id of the primary key").contains("resync");
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }
}
