package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.Behaviour;
import ai.flameup.sync.demo.StandIn;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The commands {@code backfill start}, {@code list}, {@code pause}, {@code resume} and {@code cancel}. */
class BackfillIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;
    private static final int TRY_LATER = 75;
    /** Two pages. */
    private static final int CHUNK = 1_024;
    /** Chunks that are open at most, the last page of them read when there was room for it. */
    private static final int OPEN = 2;

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Fixture fixture() {
        return new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    /** With so many users, all delivered. */
    private static Fixture loaded(int users) throws Exception {
        Fixture fixture = fixture();
        fixture.insertUsers(1, users);
        fixture.catchUp();
        return fixture;
    }

    private static SyncProcess start(Fixture fixture, String... arguments) {
        return fixture.start(command(arguments));
    }

    private static String[] command(String... arguments) {
        return Stream.concat(Stream.of("backfill"), Stream.of(arguments)).toArray(String[]::new);
    }

    private static SyncProcess.Result run(Fixture fixture, String... arguments) {
        SyncProcess.Result result = fixture.start(command(arguments)).awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        return result;
    }

    private static SyncProcess.Result expect(int code, Fixture fixture, String... arguments) {
        SyncProcess.Result result = run(fixture, arguments);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
        return result;
    }

    private static List<JsonNode> list(Fixture fixture) throws Exception {
        JsonNode tree = JSON.readTree(expect(0, fixture, "list", "--json").out());
        assertThat(tree.fieldNames()).toIterable().containsExactly("backfills");
        return StreamSupport.stream(tree.path("backfills").spliterator(), false).toList();
    }

    private static JsonNode last(Fixture fixture) throws Exception {
        List<JsonNode> all = list(fixture);
        return all.get(all.size() - 1);
    }

    private static String lastId(Fixture fixture) throws Exception {
        return last(fixture).path("id").asText();
    }

    private static void awaitLast(Fixture fixture, String state) {
        Eventually.within(
                60,
                "the last backfill is " + state,
                () -> last(fixture).path("state").asText().equals(state));
    }

    private static void slow(Fixture fixture, int millis) {
        fixture.standIn().reset().when(request -> true, Behaviour.ok().after(Duration.ofMillis(millis)));
    }

    private static long sent(Fixture fixture, long before) {
        return fixture.standIn().requests() - before;
    }

    private static List<String> usersSince(Fixture fixture, long before) {
        return fixture.standIn().history().stream()
                .skip(before)
                .map(StandIn.Call::userId)
                .toList();
    }

    @Test
    void doesTheWorkItselfWhereNoRunIsActive() throws Exception {
        try (Fixture fixture = loaded(1_200)) {
            long before = fixture.standIn().requests();

            SyncProcess.Result result = expect(0, fixture, "start", "--all");

            assertThat(sent(fixture, before)).isEqualTo(1_200);
            assertThat(result.out())
                    .contains("no run is active, so this command does the work")
                    .contains("is done: 1200 rows read, 1200 sent, 0 unchanged, 0 parked");
            JsonNode told = last(fixture);
            assertThat(told.path("kind").asText()).isEqualTo("all");
            assertThat(told.path("state").asText()).isEqualTo("done");
            assertThat(told.path("rows_read").asInt()).isEqualTo(1_200);
            assertThat(told.path("requested_by").asText()).contains("@");
            assertThat(told.path("ended_at").isNull()).isFalse();
            assertThat(expect(0, fixture, "list").out().lines())
                    .anyMatch(line -> line.matches("\\d+ +done +1200 +1200 +0 .*every row, by .*"))
                    .anyMatch(line -> line.matches("\\d+ +done .*first load.*"));
            fixture.assertConverged();
        }
    }

    @Test
    void isDoneByTheRunThatIsActive() throws Exception {
        try (Fixture fixture = loaded(2_000)) {
            SyncProcess active = fixture.fork("run");
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();

            SyncProcess.Result result = expect(0, fixture, "start", "--where", "id <= 700 AND plan = 'free'");

            assertThat(result.out()).contains("the active run (pid " + active.pid() + ") does the work");
            assertThat(sent(fixture, before)).isEqualTo(560);
            assertThat(active.isAlive()).isTrue();
            JsonNode told = last(fixture);
            assertThat(told.path("where").asText()).isEqualTo("id <= 700 AND plan = 'free'");
            assertThat(told.path("rows_total").asInt()).isEqualTo(560);
            assertThat(told.path("sent").asInt()).isEqualTo(560);
        }
    }

    @Test
    void sendsTheRowsOfUsersByTheirIds() throws Exception {
        try (Fixture fixture = loaded(20)) {
            long before = fixture.standIn().requests();
            SyncProcess.Result missing = expect(ATTENTION, fixture, "start", "--id", "3", "07", "99", "3");
            assertThat(missing.err()).contains("no row for 99");
            assertThat(usersSince(fixture, before)).containsExactlyInAnyOrder("3", "7");

            Path file = fixture.directory().resolve("ids");
            Files.writeString(file, "\uFEFF5\r\n\n6\n");
            before = fixture.standIn().requests();
            expect(0, fixture, "start", "--ids-file", file.toString());
            assertThat(usersSince(fixture, before)).containsExactlyInAnyOrder("5", "6");

            assertThat(expect(USAGE, fixture, "start", "--id", "abc").err()).contains("bigint: \"abc\"");
            expect(ATTENTION, fixture, "start", "--id", "99");
            assertThat(list(fixture)).hasSize(3);
        }
    }

    @Test
    void aConditionIsCheckedBeforeAnythingIsAskedFor() throws Exception {
        try (Fixture fixture = loaded(3)) {
            String before = fixture.store().content();
            assertThat(expect(USAGE, fixture, "start", "--where", "plann = 'pro'")
                            .err())
                    .contains("column \"plann\" does not exist, at its character 1");
            assertThat(expect(USAGE, fixture, "start", "--where", "id = = 5").err())
                    .contains("at its character 6");
            expect(USAGE, fixture, "start", "--where", "true); COMMIT; DELETE FROM public.users; --");
            assertThat(expect(USAGE, fixture, "start", "--where", "true; COMMIT; DELETE FROM public.users")
                            .err())
                    .contains("one expression");
            assertThat(expect(USAGE, fixture, "start", "--where", " ").err()).contains("empty");
            assertThat(expect(USAGE, fixture, "start", "--where", "id < 2) OR (true")
                            .err())
                    .contains("syntax error");
            assertThat(expect(USAGE, fixture, "start", "--where", "id <").err()).contains("at its end");
            expect(USAGE, fixture, "start");
            expect(USAGE, fixture, "start", "--all", "--id", "3");
            expect(USAGE, fixture, "start", "--ids-file", "nowhere");
            expect(USAGE, fixture, "pause", "77");
            expect(USAGE, fixture, "resume", lastId(fixture));
            assertThat(fixture.store().content()).isEqualTo(before);
            assertThat(fixture.value("SELECT count(*) FROM public.users")).isEqualTo("3");

            // what a condition may hold for all that
            long requests = fixture.standIn().requests();
            expect(0, fixture, "start", "--where", "users.email ~ '^user[12]@' AND email <> ';' -- those; {two}?");
            assertThat(sent(fixture, requests)).isEqualTo(2);
        }
    }

    @Test
    void aSlowConditionIsInNobodysWay() throws Exception {
        // The rows beyond the first pages are what takes so long: fetching one is a statement of its own.
        try (Fixture fixture = loaded(5_000)) {
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            expect(0, fixture, "start", "--where", "id < 4500 OR pg_sleep(0.2) IS NOT NULL", "--detach");
            String running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.2)%'"
                    + " AND state = 'active' AND pid <> pg_backend_pid() AND now() - query_start > interval '1 s'";
            Eventually.within(20, "it runs", () -> fixture.value(running).equals("1"));

            // a migration does not wait for the minute that it takes
            long from = System.nanoTime();
            fixture.execute("ALTER TABLE public.users ADD COLUMN more text");
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(20));

            // and neither does who pauses it
            Eventually.within(30, "it runs again", () -> fixture.value(running).equals("1"));
            expect(0, fixture, "pause", lastId(fixture));
            Eventually.within(
                    10, "it runs no more", () -> fixture.value(running).equals("0"));
            active.term();
            assertThat(active.awaitExit(LIMIT).exitCode()).isZero();
        }
    }

    @Test
    void aConditionThatEndsItsOwnConnectionFailsInTheEnd() throws Exception {
        try (Fixture fixture = loaded(3)) {
            SyncProcess.Result result = expect(
                    ATTENTION,
                    fixture,
                    "start",
                    "--where",
                    "(SELECT count(*) FROM pg_terminate_backend(pg_backend_pid())) = 1");
            assertThat(result.err()).contains("failed");
            assertThat(last(fixture).path("state").asText()).isEqualTo("failed");
        }
    }

    @Test
    void aMillionIdsFitIntoTheLaunchersOwnHeap() throws Exception {
        try (Fixture fixture = loaded(10)) {
            Path file = fixture.directory().resolve("ids");
            Files.writeString(
                    file,
                    LongStream.rangeClosed(1, 1_000_000)
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining("\n")));
            SyncProcess.Result result = expect(ATTENTION, fixture, "start", "--ids-file", file.toString());
            assertThat(result.err()).contains("and 999970 more");
            assertThat(last(fixture).path("rows_total").asInt()).isEqualTo(10);
        }
    }

    @Test
    void aConditionCannotWrite() throws Exception {
        try (Fixture fixture = loaded(3)) {
            fixture.execute("CREATE FUNCTION public.spoil() RETURNS boolean LANGUAGE plpgsql AS"
                    + " $$ BEGIN DELETE FROM public.users; RETURN true; END $$");
            SyncProcess.Result result = expect(ATTENTION, fixture, "start", "--where", "spoil()");
            assertThat(result.err()).contains("read-only transaction");
            assertThat(last(fixture).path("state").asText()).isEqualTo("failed");
            assertThat(fixture.value("SELECT count(*) FROM public.users")).isEqualTo("3");
        }
    }

    @Test
    void whatCannotBeReadIsFailedWithTheErrorAndNobodysData() throws Exception {
        try (Fixture fixture = loaded(1_000)) {
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);

            assertThat(expect(ATTENTION, fixture, "start", "--where", "1 / (id - 900) < 5")
                            .err())
                    .contains("division by zero");
            JsonNode told = last(fixture);
            assertThat(told.path("state").asText()).isEqualTo("failed");
            assertThat(told.path("reason").asText()).contains("division by zero");
            SyncProcess.Result casting = expect(ATTENTION, fixture, "start", "--where", "email::int = 5");
            assertThat(casting.err()).contains("invalid input syntax").doesNotContain("@example.com");
            assertThat(last(fixture).path("reason").asText()).doesNotContain("@example.com");
            assertThat(active.err()).doesNotContain("@example.com");

            // the run goes on
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            fixture.awaitConverged(20);
        }
    }

    @Test
    void aTableThatIsDroppedMeanwhileFailsIt() throws Exception {
        try (Fixture fixture = loaded(5_000)) {
            slow(fixture, 100);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();
            expect(0, fixture, "start", "--all", "--detach");
            fixture.awaitRequests(before + 100, 20);
            fixture.execute("DROP TABLE public.users");

            // The backfill fails at its next page, unless the run halts first, because it looks at the table every few
            // seconds.
            Eventually.within(
                    60,
                    "a word about the table",
                    () -> last(fixture).path("reason").asText().contains("users\" does not exist")
                            || fixture.status().path("reason").asText().contains("table public.users is gone"));
            assertThat(last(fixture).path("state").asText()).isIn("failed", "running");
        }
    }

    @Test
    void aPausedOneStaysSoOverARestartAndGoesOnWhereItStopped() throws Exception {
        try (Fixture fixture = loaded(4_000)) {
            slow(fixture, 200);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();
            SyncProcess following = start(fixture, "start", "--all");
            fixture.awaitRequests(before + 300, 20);
            String id = lastId(fixture);
            assertThat(expect(0, fixture, "pause", id).out()).contains("is paused");
            SyncProcess.Result paused = following.awaitExit(LIMIT);
            assertThat(paused.exitCode()).as("%s", paused).isEqualTo(TRY_LATER);
            assertThat(paused.err()).contains("resume " + id);
            Eventually.settled(30, Duration.ofSeconds(2), "no more requests", () -> sent(fixture, before));
            active.term();
            assertThat(active.awaitExit(LIMIT).exitCode()).isZero();
            long sent = sent(fixture, before);
            assertThat(sent).isLessThan(4_000);

            SyncProcess.Result finite = fixture.untilCaughtUp();
            assertThat(finite.exitCode()).as("%s", finite).isZero();
            assertThat(sent(fixture, before)).isEqualTo(sent);
            assertThat(last(fixture).path("state").asText()).isEqualTo("paused");
            assertThat(last(fixture).path("rows_read").asLong()).isEqualTo(sent);

            fixture.standIn().reset();
            assertThat(expect(0, fixture, "resume", id).out()).contains("the next run continues it");
            fixture.catchUp();
            assertThat(last(fixture).path("state").asText()).isEqualTo("done");
            assertThat(last(fixture).path("rows_read").asLong()).isEqualTo(4_000);
            assertThat(sent(fixture, before)).isEqualTo(4_000);
        }
    }

    @Test
    void aCancelledOneReadsNothingMoreEver() throws Exception {
        try (Fixture fixture = loaded(4_000)) {
            slow(fixture, 200);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();
            SyncProcess following = start(fixture, "start", "--all");
            fixture.awaitRequests(before + 300, 20);
            String id = lastId(fixture);
            expect(0, fixture, "cancel", id);
            SyncProcess.Result cancelled = following.awaitExit(LIMIT);
            assertThat(cancelled.exitCode()).as("%s", cancelled).isEqualTo(ATTENTION);
            assertThat(cancelled.err()).contains("was cancelled");
            Eventually.settled(30, Duration.ofSeconds(2), "no more requests", () -> sent(fixture, before));
            assertThat(sent(fixture, before)).isLessThan(4_000);
            assertThat(expect(USAGE, fixture, "resume", id).err()).contains("has ended, it is cancelled");
        }
    }

    @Test
    void theFirstLoadIsCancelledOnlyByWhoMeansIt() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 4_000);
            slow(fixture, 500);
            SyncProcess active = fixture.run();
            fixture.awaitRequests(200, 60);
            String id = lastId(fixture);
            assertThat(expect(USAGE, fixture, "cancel", id).err())
                    .contains("first load")
                    .contains("--yes");
            assertThat(last(fixture).path("state").asText()).isEqualTo("running");
            expect(0, fixture, "cancel", id, "--yes");
            assertThat(last(fixture).path("state").asText()).isEqualTo("cancelled");
            assertThat(active.isAlive()).isTrue();
        }
    }

    @Test
    void severalQueueUp() throws Exception {
        try (Fixture fixture = loaded(1_000)) {
            slow(fixture, 20);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();
            SyncProcess first = start(fixture, "start", "--all");
            SyncProcess second = start(fixture, "start", "--where", "id > 900");
            SyncProcess.Result firstEnd = first.awaitExit(LIMIT);
            SyncProcess.Result secondEnd = second.awaitExit(LIMIT);
            assertThat(firstEnd.exitCode()).as("%s", firstEnd).isZero();
            assertThat(secondEnd.exitCode()).as("%s", secondEnd).isZero();
            // A row of the second that still waits for the first needs one call for both.
            assertThat(sent(fixture, before)).isBetween(1_000L, 1_100L);
            List<JsonNode> all = list(fixture);
            String begun = all.get(2).path("started_at").asText();
            assertThat(begun).isGreaterThan(all.get(1).path("started_at").asText());
        }
    }

    @Test
    void whoIsInterruptedSaysWhatBecomesOfIt() throws Exception {
        try (Fixture fixture = loaded(3_000)) {
            slow(fixture, 100);
            long before = fixture.standIn().requests();
            SyncProcess alone = start(fixture, "start", "--all");
            fixture.awaitRequests(before + 300, 30);
            alone.term();
            SyncProcess.Result stopped = alone.awaitExit(LIMIT);
            assertThat(stopped.exitCode()).as("%s", stopped).isEqualTo(TRY_LATER);
            assertThat(stopped.err()).contains("the next run continues it");

            SyncProcess active = fixture.fork("run");
            active.awaitLog("Following", LIMIT);
            SyncProcess beside = start(fixture, "start", "--where", "id < 5");
            Eventually.within(20, "it is asked for", () -> list(fixture).size() == 3);
            beside.term();
            SyncProcess.Result left = beside.awaitExit(LIMIT);
            assertThat(left.exitCode()).as("%s", left).isEqualTo(TRY_LATER);
            assertThat(left.err()).contains("continues in the active run (pid " + active.pid() + ")");
            awaitLast(fixture, "done");
            assertThat(list(fixture))
                    .allSatisfy(one -> assertThat(one.path("state").asText()).isEqualTo("done"));
        }
    }

    @Test
    void rowsThatAreRefusedAreCounted() throws Exception {
        try (Fixture fixture = loaded(300)) {
            fixture.standIn().when(StandIn.about("7", "8"), Behaviour.status(422));
            SyncProcess.Result result = expect(ATTENTION, fixture, "start", "--all");
            assertThat(result.out()).contains("300 rows read, 298 sent, 0 unchanged, 2 parked");
            assertThat(last(fixture).path("parked").asInt()).isEqualTo(2);
        }
    }

    @Test
    void aDryRunSaysHowMuchItWouldBeAndChangesNothing() throws Exception {
        try (Fixture fixture = loaded(1_000)) {
            fixture.execute("ANALYZE public.users");
            String store = fixture.store().content();
            String slot = fixture.confirmed();
            long requests = fixture.standIn().requests();

            JsonNode all = JSON.readTree(
                    expect(0, fixture, "start", "--all", "--dry-run", "--json").out());
            assertThat(all.path("rows").asInt()).isEqualTo(1_000);
            assertThat(all.path("requests_singly").asInt()).isEqualTo(1_000);
            assertThat(all.path("requests_in_batches").asInt()).isEqualTo(10);
            assertThat(all.path("requests_per_minute").asInt()).isEqualTo(120);
            assertThat(all.path("minutes_singly").asInt()).isEqualTo(9);
            assertThat(all.path("minutes_in_batches").asInt()).isEqualTo(1);
            assertThat(all.path("max_retained_wal_bytes").asLong()).isEqualTo(10L << 30);
            assertThat(all.path("max_slot_wal_keep_size_bytes").isNull()).isTrue();
            assertThat(expect(0, fixture, "start", "--where", "id > 990", "--dry-run")
                            .out())
                    .contains("Rows: about ")
                    .contains("max-retained-wal");
            JsonNode ids = JSON.readTree(expect(0, fixture, "start", "--id", "1", "5000", "--dry-run", "--json")
                    .out());
            assertThat(ids.path("rows").asInt()).isEqualTo(1);
            assertThat(ids.path("ids_without_row").asInt()).isEqualTo(1);

            assertThat(fixture.store().content()).isEqualTo(store);
            assertThat(fixture.confirmed()).isEqualTo(slot);
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
        }
    }

    @Test
    void beforeTheFirstRunItDoesTheFirstLoadAsWell() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 100);

            SyncProcess.Result result = expect(0, fixture, "start", "--id", "7");

            assertThat(result.out()).contains("is done: 1 rows read, 1 sent");
            fixture.assertConverged();
            assertThat(list(fixture))
                    .extracting(one ->
                            one.path("kind").asText() + " " + one.path("state").asText())
                    .containsExactly("ids done", "first_load done");
            assertThat(Instant.parse(list(fixture).get(1).path("started_at").asText()))
                    .as("the first load goes first, so that a person's first delivery is one")
                    .isBefore(list(fixture).get(0).path("started_at").asText());
        }
    }

    @Test
    void doesNotTakeAnothersSlotForAFirstStart() throws Exception {
        try (Fixture fixture = loaded(10)) {
            fixture.configure(
                    fixture.stateDirectory().toString(),
                    fixture.directory().resolve("other").toString());

            SyncProcess.Result result = expect(USAGE, fixture, "start", "--all");

            assertThat(result.err())
                    .contains("there is no store in")
                    .contains("slot")
                    .contains("state.directory");
        }
    }

    @Test
    void asksForNothingInTheStoreOfAnotherDestination() throws Exception {
        try (Fixture fixture = loaded(10)) {
            fixture.configure("  workspace: demo\n", "  workspace: other\n");

            SyncProcess.Result result = expect(USAGE, fixture, "start", "--all", "--detach");

            assertThat(result.err()).contains("flameup.workspace was demo and is other now");
            assertThat(list(fixture)).hasSize(1);
        }
    }

    @Test
    void stopsAtOnceWhileTheTableIsLockedAndGoesOnLater() throws Exception {
        try (Fixture fixture = loaded(100)) {
            try (Connection migration = fixture.connect()) {
                migration.createStatement().execute("ANALYZE public.users");
                migration.setAutoCommit(false);
                SyncProcess active = fixture.run();
                active.awaitLog("Following", LIMIT);
                migration.createStatement().execute("LOCK TABLE public.users IN ACCESS EXCLUSIVE MODE");
                expect(0, fixture, "start", "--all", "--detach");
                active.awaitLog("waits: ", LIMIT);
                active.term();

                assertThat(active.awaitExit(LIMIT).exitCode()).isZero();
            }
            expect(0, fixture, "start", "--id", "1");
            assertThat(list(fixture))
                    .extracting(one -> one.path("state").asText())
                    .containsExactly("done", "done", "done");
        }
    }

    @Test
    void reckonsWithTheBudgetThatTheApiToldOf() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn().budget(5, Duration.ofSeconds(1));
            fixture.insertUsers(1, 1_000);
            fixture.catchUp();

            JsonNode plan = JSON.readTree(
                    expect(0, fixture, "start", "--all", "--dry-run", "--json").out());

            assertThat(plan.path("requests_per_minute").asInt()).isBetween(150, 300);
        }
    }

    @Test
    void deletedRowsDoNotComeBack() throws Exception {
        try (Fixture fixture = loaded(6_000)) {
            slow(fixture, 20);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            expect(0, fixture, "start", "--all", "--detach");
            long from = fixture.standIn().requests();
            fixture.execute("DELETE FROM public.users WHERE id > 5000");
            awaitLast(fixture, "done");
            // Rows that were read before they were deleted are a state that came before that.
            assertThat(usersSince(fixture, from + OPEN * CHUNK))
                    .allSatisfy(user -> assertThat(Long.parseLong(user)).isLessThanOrEqualTo(5_000));
        }
    }

    @Test
    void killedAtAnyPointItGoesOnAndEndsOnce() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int rows = 50_000;
        int kills = 5;
        try (Fixture fixture = loaded(rows)) {
            fixture.configure("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n");
            slow(fixture, 5);
            long before = fixture.standIn().requests();
            List<Long> at = new ArrayList<>();
            long changed;
            try (Workload workload = Workload.start(fixture, 1, rows)) {
                SyncProcess active = fixture.fork("run");
                active.awaitLog("Following", LIMIT);
                expect(0, fixture, "start", "--all", "--detach");
                for (int i = 0; i < kills; i++) {
                    long next = fixture.standIn().requests() + random.nextLong(100, rows / kills);
                    fixture.awaitRequests(next, 60);
                    active.kill9();
                    at.add(sent(fixture, before));
                    active = fixture.fork("run");
                }
                awaitLast(fixture, "done");
                changed = workload.transactions();
            }
            fixture.awaitConverged(60);
            assertThat(list(fixture))
                    .extracting(one -> one.path("state").asText())
                    .containsExactly("done", "done");
            JsonNode told = last(fixture);
            // Each row that was there when it began, but for those that were deleted before they were read.
            assertThat(told.path("rows_read").asLong()).isBetween(rows - changed, rows + changed);
            // A transaction of the workload changes five rows at most; what was in flight is sent again.
            assertThat(sent(fixture, before))
                    .as("killed at %s, %d transactions", at, changed)
                    .isLessThanOrEqualTo(rows + 5 * changed + kills * ((long) OPEN * CHUNK + 64));
        }
    }
}
