package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watched tables: when all tables are quiet, what the API has is what the same SELECT prints. */
class WatchIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int USERS = 30;
    private static final int TEAMS = 5;
    private static final int MEMBERS = PostgresServer.NIGHTLY ? 200_000 : 3_000;

    private static final String MAPPING = """
            mapping:
              user-id: id
              where: "NOT EXISTS (SELECT FROM bans b WHERE b.tenant = users.tenant AND b.person = users.email)"
              on-delete: mark
              deleted-trait: left_at
              traits:
                phone: phone
                plan: {sql: "(SELECT s.plan FROM subscriptions s WHERE s.user_id = users.id ORDER BY s.id DESC LIMIT 1)"}
                team: {sql: "(SELECT t.name FROM teams t WHERE t.id = users.team)"}
              watch:
                - table: public.subscriptions
                  match: {user_id: id}
                - table: public.teams
                  match: {id: team}
                - table: public.bans
                  match: {tenant: tenant, person: email}
            """;

    private static final String SELECT = """
            SELECT id::text AS id, phone,
                   (SELECT s.plan FROM public.subscriptions s WHERE s.user_id = users.id ORDER BY s.id DESC LIMIT 1) AS plan,
                   (SELECT t.name FROM public.teams t WHERE t.id = users.team) AS team
            FROM public.users
            WHERE NOT EXISTS (SELECT FROM public.bans b WHERE b.tenant = users.tenant AND b.person = users.email)
            """;

    private static Fixture fixture(int version) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(version));
        fixture.execute(
                "CREATE TABLE public.teams (id integer PRIMARY KEY, name text)",
                "ALTER TABLE public.users ADD tenant smallint NOT NULL DEFAULT 1, ADD team bigint",
                "CREATE INDEX ON public.users (team)",
                "CREATE TABLE public.subscriptions (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id integer,"
                        + " plan text)",
                "ALTER TABLE public.subscriptions REPLICA IDENTITY FULL",
                "CREATE TABLE public.bans (tenant integer, person varchar(100), PRIMARY KEY (tenant, person))");
        map(fixture, MAPPING);
        return fixture;
    }

    private static void map(Fixture fixture, String mapping) {
        fixture.configure(before -> before.replaceAll("(?s)mapping:.*state:", mapping + "state:")
                .replace("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n"));
    }

    private static Map<String, StoredPerson> persons(Fixture fixture) {
        Map<String, StoredPerson> persons = new HashMap<>();
        fixture.standIn().persons().forEach(person -> persons.put(person.externalId(), person));
        return persons;
    }

    private static String trait(Fixture fixture, String user, String name) {
        return text(persons(fixture).get(user).traits().get(name));
    }

    private static String text(JsonNode value) {
        return value == null || value.isNull() ? null : value.asText();
    }

    private static boolean isHere(StoredPerson person) {
        return text(person.traits().get("left_at")) == null;
    }

    private static List<String> differences(Fixture fixture) throws SQLException {
        Map<String, StoredPerson> persons = persons(fixture);
        List<String> differences = new ArrayList<>();
        for (Map<String, String> row : fixture.server().query(fixture.database(), SELECT)) {
            StoredPerson person = persons.remove(row.get("id"));
            Map<String, String> actual = new HashMap<>();
            if (person != null && isHere(person)) {
                actual.put("id", person.externalId());
                List.of("phone", "plan", "team")
                        .forEach(name -> actual.put(name, text(person.traits().get(name))));
            }
            if (!actual.equals(row)) {
                differences.add(row + " is " + actual);
            }
        }
        persons.values().stream()
                .filter(WatchIT::isHere)
                .forEach(person -> differences.add("not in the SELECT: " + person));
        return differences;
    }

    private static void awaitEqual(Fixture fixture, int seconds) {
        Eventually.within(
                seconds, "the state of the SELECT", () -> differences(fixture).isEmpty());
    }

    private static String change(Random random) {
        int user = 1 + random.nextInt(USERS);
        int other = 1 + random.nextInt(USERS);
        int team = 1 + random.nextInt(TEAMS);
        int number = random.nextInt(1_000);
        return switch (random.nextInt(12)) {
            case 0, 1 -> "INSERT INTO public.subscriptions (user_id, plan) VALUES (%d, 'p%d')".formatted(user, number);
            case 2 -> "UPDATE public.subscriptions SET user_id = %d WHERE user_id = %d".formatted(other, user);
            case 3 -> "UPDATE public.subscriptions SET plan = 'q%d' WHERE user_id = %d".formatted(number, user);
            case 4 -> "DELETE FROM public.subscriptions WHERE user_id = %d".formatted(user);
            case 5 -> "UPDATE public.teams SET name = 't%d' WHERE id = %d".formatted(number, team);
            case 6 -> "DELETE FROM public.teams WHERE id = %d".formatted(team);
            case 7 ->
                "INSERT INTO public.teams VALUES (%d, 'n%d') ON CONFLICT (id) DO UPDATE SET name = 'm%2$d'"
                        .formatted(team, number);
            case 8 ->
                "INSERT INTO public.bans SELECT tenant, email FROM public.users WHERE id = %d ON CONFLICT DO NOTHING"
                        .formatted(user);
            case 9 ->
                "DELETE FROM public.bans WHERE person IN (SELECT email FROM public.users WHERE id = %d)"
                        .formatted(user);
            case 10 -> "UPDATE public.users SET team = %d WHERE id = %d".formatted(team, user);
            default ->
                "UPDATE public.users SET phone = '%d', tenant = 3 - tenant WHERE id = %d".formatted(number, user);
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void randomChangesOfAllTables_endAsTheSelect(int version) throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Random random = new Random(seed);
        try (Fixture fixture = fixture(version)) {
            fixture.insertUsers(1, USERS);
            fixture.execute("UPDATE public.users SET team = id % 4");
            fixture.catchUp();
            assertThat(differences(fixture)).isEmpty();

            for (int part = 0; part < 2; part++) {
                SyncProcess process = fixture.fork("run");
                long before = fixture.standIn().requests();
                for (int i = 0; i < 60; i++) {
                    fixture.execute(change(random));
                }
                fixture.awaitRequests(before + 1 + random.nextInt(5), 60);
                process.kill9();
            }
            fixture.catchUp();
            assertThat(differences(fixture)).isEmpty();
        }
    }

    @Test
    void changeOfAWatchedTable_isSentAtOnce_toTheOldAndTheNewUser() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 3);
            fixture.execute("INSERT INTO public.subscriptions (user_id, plan) VALUES (1, 'gold')");
            SyncProcess run = fixture.run();
            Eventually.within(30, "three persons", () -> fixture.standIn().personCount() == 3);
            long before = fixture.standIn().requests();

            fixture.execute("UPDATE public.subscriptions SET user_id = 2");
            Eventually.within(30, "the new user's plan", () -> "gold".equals(trait(fixture, "2", "plan")));
            Eventually.within(30, "no plan", () -> trait(fixture, "1", "plan") == null);
            fixture.execute("DELETE FROM public.subscriptions");
            Eventually.within(30, "no plan", () -> trait(fixture, "2", "plan") == null);
            run.term();
            run.awaitExit(LIMIT);

            assertThat(fixture.standIn().requests()).isEqualTo(before + 3);
        }
    }

    @Test
    void changeWithoutAnEffect_isNotSent() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 3);
            fixture.execute("INSERT INTO public.subscriptions (user_id, plan) VALUES (1, 'gold')");
            fixture.catchUp();
            long before = fixture.standIn().requests();

            fixture.execute(
                    "UPDATE public.subscriptions SET plan = 'gold'",
                    "INSERT INTO public.subscriptions (user_id, plan) VALUES (77, 'none'), (NULL, 'none')");
            fixture.catchUp();

            assertThat(fixture.standIn().requests()).isEqualTo(before);
            assertThat(fixture.store().query("SELECT * FROM search")).isEmpty();
        }
    }

    @Test
    void truncateOfAWatchedTable_queuesABackfillOfChangedRows() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 20);
            fixture.execute("INSERT INTO public.subscriptions (user_id, plan) VALUES (3, 'gold'), (7, 'gold')");
            SyncProcess run = fixture.run();
            awaitEqual(fixture, 30);
            long before = fixture.standIn().requests();

            fixture.execute("TRUNCATE public.subscriptions");
            awaitEqual(fixture, 30);
            run.term();
            run.awaitExit(LIMIT);

            assertThat(fixture.standIn().requests()).isEqualTo(before + 2);
        }
    }

    @Test
    void renamedColumnOfAWatchedTable_losesNothing() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 5);
            fixture.catchUp();
            fixture.execute(
                    "ALTER TABLE public.subscriptions RENAME user_id TO person",
                    "INSERT INTO public.subscriptions (person, plan) VALUES (4, 'gold')",
                    "ALTER TABLE public.subscriptions RENAME person TO user_id",
                    "ALTER TABLE public.teams RENAME TO groups",
                    "INSERT INTO public.groups VALUES (1, 'one')",
                    "ALTER TABLE public.groups RENAME TO teams");

            fixture.catchUp();

            assertThat(differences(fixture)).isEmpty();
            assertThat(trait(fixture, "4", "plan")).isEqualTo("gold");
        }
    }

    @Test
    void textWithoutCase_matchesAsInAnExpression() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute(
                    "CREATE EXTENSION IF NOT EXISTS citext SCHEMA public",
                    "ALTER TABLE public.users ALTER email TYPE public.citext",
                    "ALTER TABLE public.bans ALTER person TYPE public.citext");
            fixture.insertUsers(1, 3);
            SyncProcess run = fixture.run();
            Eventually.within(30, "three persons", () -> fixture.standIn().personCount() == 3);

            fixture.execute("INSERT INTO public.bans SELECT tenant, upper(email::text) FROM public.users WHERE id = 2");
            Eventually.within(30, "a mark", () -> !isHere(persons(fixture).get("2")));
            run.term();
            run.awaitExit(LIMIT);
        }
    }

    @Test
    void changeOfManyRows_doesNotDelayALaterChange() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 6_000);
            fixture.execute("INSERT INTO public.subscriptions (user_id, plan) SELECT id, 'old' FROM public.users");
            fixture.catchUp();
            fixture.standIn().budget(10, Duration.ofSeconds(1));
            SyncProcess run = fixture.run();
            fixture.awaitStreaming();
            long before = fixture.standIn().requests();

            fixture.execute(
                    "UPDATE public.subscriptions SET plan = 'new'",
                    "UPDATE public.users SET phone = '7' WHERE id = 5999");
            Eventually.within(30, "the later change", () -> "7".equals(trait(fixture, "5999", "phone")));

            assertThat(fixture.standIn().requests()).isLessThan(before + 40);
            fixture.standIn().noBudget();
            awaitEqual(fixture, 60);
            run.term();
            run.awaitExit(LIMIT);
        }
    }

    @Test
    void columnRenamedWhileRunning_haltsWithTheRemedy() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            map(fixture, MAPPING.replace("t.id = users.team", "t.name = users.phone"));
            fixture.insertUsers(1, 3);
            SyncProcess run = fixture.run();
            Eventually.within(30, "three persons", () -> fixture.standIn().personCount() == 3);

            fixture.execute("ALTER TABLE public.teams RENAME id TO number");
            run.awaitLog("table public.teams has no column id", LIMIT);
            run.term();
            run.awaitExit(LIMIT);
        }
    }

    /** The subscriptions are matched by a text, whose type may be altered. */
    private static Fixture matchedByText(String delivery) throws SQLException {
        Fixture fixture = fixture(PostgresServer.NEWEST);
        fixture.execute(
                "ALTER TABLE public.subscriptions ALTER user_id TYPE text", "ALTER TABLE public.users ADD code text");
        map(
                fixture,
                delivery
                        + MAPPING.replace("{user_id: id}", "{user_id: code}")
                                .replace("s.user_id = users.id", "s.user_id::text = users.code::text"));
        return fixture;
    }

    /** Stores changes of subscriptions that are not searched yet, as after a stop in the middle. */
    private static void storeSearches(Fixture fixture, String... values) throws SQLException {
        try (Connection store = DriverManager.getConnection(
                        "jdbc:sqlite:" + fixture.stateDirectory().resolve("state.db"));
                PreparedStatement statement = store.prepareStatement("INSERT INTO search (watch, matched, since) VALUES"
                        + " ('public.subscriptions(user_id = code)', ?, '2026-01-01T00:00:00Z')")) {
            for (String value : values) {
                statement.setBytes(1, (value + "\0").getBytes(StandardCharsets.UTF_8));
                statement.execute();
            }
        }
    }

    @Test
    void valuesOfAnotherType_queueABackfill_andAreNotLogged() throws Exception {
        try (Fixture fixture = matchedByText("")) {
            fixture.insertUsers(1, 2);
            fixture.execute("UPDATE public.users SET code = 'secret' WHERE id = 2");
            fixture.catchUp();
            storeSearches(fixture, "secret");
            fixture.execute(
                    "UPDATE public.users SET code = NULL",
                    "ALTER TABLE public.users ALTER code TYPE integer USING 1",
                    "ALTER TABLE public.subscriptions ALTER user_id TYPE integer USING 1");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.err())
                    .contains("cannot be compared any more", "Backfill 2")
                    .doesNotContain("secret");
            assertThat(fixture.store().query("SELECT * FROM search")).isEmpty();
        }
    }

    /** The values that can still be compared are searched without the others. */
    @Test
    void valueOfAnotherType_hidesNoOtherChange() throws Exception {
        try (Fixture fixture = matchedByText("delivery:\n  first-load: none\n")) {
            fixture.insertUsers(1, 3);
            fixture.execute("UPDATE public.users SET code = id WHERE id < 3");
            fixture.catchUp();
            assertThat(fixture.standIn().personCount()).isZero();
            storeSearches(fixture, "1", "secret", "2");
            fixture.execute(
                    "ALTER TABLE public.users ALTER code TYPE integer USING code::integer",
                    "ALTER TABLE public.subscriptions ALTER user_id TYPE integer USING 1");

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(persons(fixture)).as("%s", result).containsOnlyKeys("1", "2");
            assertThat(result.err())
                    .containsOnlyOnce("cannot be compared any more")
                    .doesNotContain("secret");
        }
    }

    @Test
    void rowOfMany_isReadBehindLiveChanges_andSurvivesKills() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Random random = new Random(seed);
        try (Fixture fixture = fixture(PostgresServer.NEWEST);
                SignUps signUps = new SignUps(fixture)) {
            fixture.standIn().keepHistory(false);
            fixture.execute("INSERT INTO public.teams VALUES (1, 'one')");
            fixture.insertUsers(1, MEMBERS);
            fixture.execute("UPDATE public.users SET team = 1");
            fixture.catchUp();
            SyncProcess process = fixture.fork("run");
            fixture.awaitStreaming();
            signUps.start();
            if (PostgresServer.NIGHTLY) {
                requireFastSignUps(fixture, signUps);
            }

            fixture.execute("UPDATE public.teams SET name = 'three'");
            for (int kill = 0; kill < 2; kill++) {
                fixture.awaitRequests(fixture.standIn().requests() + 1 + random.nextInt(MEMBERS / 4), 60);
                process.kill9();
                process.awaitExit(LIMIT);
                process = fixture.fork("run");
            }
            awaitRead(fixture);
            signUps.stop();
            process.term();
            process.awaitExit(LIMIT);
            fixture.catchUp();

            assertThat(differences(fixture)).isEmpty();
            assertThat(trait(fixture, "1", "team")).isEqualTo("three");
        }
    }

    /** The sign-ups of one process, before a change that concerns every row and during the reads for it. */
    private static void requireFastSignUps(Fixture fixture, SignUps signUps) throws SQLException {
        Eventually.within(
                60, "sign-ups", () -> signUps.latenciesSince(Instant.EPOCH).size() >= 50);
        Duration before = median(signUps.latenciesSince(Instant.EPOCH));
        Instant changed = Instant.now();
        fixture.execute("UPDATE public.teams SET name = 'two'");
        Eventually.within(60, "a row of the team", () -> "two".equals(trait(fixture, "" + MEMBERS, "team")));
        awaitRead(fixture);
        Instant read = Instant.now();
        Duration during = median(signUps.latenciesSince(changed));
        System.out.printf(
                "watch: %d rows read in %d ms; %d sign-ups, median %d ms before and %d ms during the reads%n",
                MEMBERS,
                Duration.between(changed, read).toMillis(),
                signUps.latenciesSince(changed).size(),
                before.toMillis(),
                during.toMillis());
        assertThat(during).isLessThan(before.multipliedBy(2));
    }

    private static Duration median(List<Duration> sorted) {
        return sorted.get(sorted.size() / 2);
    }

    private static void awaitRead(Fixture fixture) {
        Eventually.within(60 + MEMBERS / 1_000, "no row to read", () -> fixture.store()
                .query("SELECT 1 FROM search UNION ALL SELECT 1 FROM deferred UNION ALL SELECT 1 FROM deferred_change")
                .isEmpty());
    }

    @Test
    void backfillForAnUnknownChange_survivesABrokenExpression() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.insertUsers(1, 5);
            SyncProcess run = fixture.run();
            awaitEqual(fixture, 30);

            fixture.execute(
                    "ALTER TABLE public.subscriptions RENAME user_id TO person",
                    "INSERT INTO public.subscriptions (person, plan) VALUES (4, 'gold')");
            run.awaitLog("Halted", LIMIT);
            fixture.execute("ALTER TABLE public.subscriptions RENAME person TO user_id");
            run.term();
            run.awaitExit(LIMIT);
            fixture.catchUp();

            assertThat(trait(fixture, "4", "plan")).isEqualTo("gold");
        }
    }

    @Test
    void watchedColumnsThatCannotBeCompared_areRefused() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            map(fixture, MAPPING.replace("{user_id: id}", "{plan: id}"));
            SyncProcess.Result result = fixture.start("run").awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isEqualTo(2);
            assertThat(result.err()).contains("mapping.watch[0]", "operator does not exist: bigint = text");

            map(fixture, MAPPING.replace("{user_id: id}", "{plam: id}"));
            result = fixture.start("run").awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isEqualTo(3);
            assertThat(result.err()).contains("mapping.watch[0]: table public.subscriptions has no column plam");
        }
    }

    @Test
    void viewsAndPartitions_areRefused() throws Exception {
        try (Fixture fixture = fixture(PostgresServer.NEWEST)) {
            fixture.execute(
                    "CREATE VIEW public.plans AS SELECT * FROM public.subscriptions",
                    "CREATE TABLE public.events (user_id integer PRIMARY KEY) PARTITION BY RANGE (user_id)",
                    "CREATE TABLE public.events_1 PARTITION OF public.events DEFAULT");

            map(fixture, MAPPING.replace("table: public.subscriptions", "table: public.plans"));
            SyncProcess.Result result = fixture.start("run").awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isEqualTo(2);
            assertThat(result.err()).contains("public.plans is a view. Watch the tables that it reads");

            map(fixture, MAPPING.replace("table: public.subscriptions", "table: public.events_1"));
            result = fixture.start("run").awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isEqualTo(2);
            assertThat(result.err()).contains("public.events_1 is a partition. Watch the partitioned table");
        }
    }
}
