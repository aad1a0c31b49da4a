package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The commands {@code dead-letters list}, {@code show}, {@code retry} and {@code discard}. */
class DeadLettersIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;
    private static final int TRY_LATER = 75;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Fixture fixture() {
        return new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    }

    /** Inserts users, of whom the given ones are refused and parked. */
    private static void park(Fixture fixture, int users, long... refused) throws SQLException {
        fixture.insertUsers(1, users);
        refuse(fixture, refused);
        SyncProcess.Result result = fixture.untilCaughtUp();
        assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
        assertThat(fixture.store().deadLetters()).hasSize(refused.length);
        fixture.standIn().reset();
    }

    private static void refuse(Fixture fixture, long... users) {
        fixture.standIn()
                .when(
                        StandIn.about(
                                LongStream.of(users).mapToObj(Long::toString).toArray(String[]::new)),
                        Behaviour.status(422)
                                .body("{\"success\": false, \"error\": {\"message\": \"phone is no number\"},"
                                        + " \"request_id\": \"req_7\"}"));
    }

    /** Parks the users with odd ids. Every second user is accepted, so that the run continues. */
    private static void parkTheOdd(Fixture fixture, int users) throws SQLException {
        fixture.configure("state:\n", "delivery:\n  halt-when-rejected: 100%\nstate:\n");
        park(
                fixture,
                users,
                LongStream.iterate(1, id -> id <= users, id -> id + 2).toArray());
    }

    private static void slow(Fixture fixture, int millis) {
        fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(millis)));
    }

    private static SyncProcess start(Fixture fixture, String... arguments) {
        return fixture.start(command(arguments));
    }

    private static String[] command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("dead-letters"));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    private static SyncProcess.Result run(Fixture fixture, String... arguments) {
        SyncProcess.Result result = fixture.start(command(arguments)).awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        return result;
    }

    private static SyncProcess.Result succeed(Fixture fixture, String... arguments) {
        SyncProcess.Result result = run(fixture, arguments);
        assertThat(result.exitCode()).as("%s", result).isZero();
        return result;
    }

    /** It is refused in one line that says these, and changes nothing. */
    private static void assertRefused(Fixture fixture, List<String> says, String... arguments) throws SQLException {
        String before = fixture.store().content();
        SyncProcess.Result result = run(fixture, arguments);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(USAGE);
        assertThat(result.out()).isEmpty();
        assertThat(result.errLines()).singleElement().satisfies(line -> assertThat(line)
                .contains(says));
        assertThat(fixture.store().content()).isEqualTo(before);
    }

    /** The id of a user's letter. */
    private static String letter(Fixture fixture, long user) throws SQLException {
        return fixture.store().deadLetters().stream()
                .filter(letter -> letter.get("user_id").equals(Long.toString(user)))
                .findFirst()
                .orElseThrow()
                .get("id");
    }

    private static List<String> users(Fixture fixture) throws SQLException {
        return fixture.store().deadLetters().stream()
                .map(letter -> letter.get("user_id"))
                .sorted()
                .toList();
    }

    private static List<JsonNode> json(SyncProcess.Result result) throws Exception {
        JsonNode tree = JSON.readTree(result.out());
        assertThat(tree.fieldNames()).toIterable().containsExactly("dead_letters");
        return StreamSupport.stream(tree.path("dead_letters").spliterator(), false)
                .toList();
    }

    @Test
    void refusedRows_areListedAndShown() throws Exception {
        try (Fixture fixture = fixture()) {
            park(fixture, 10, 3, 7);

            SyncProcess.Result list = succeed(fixture, "list");
            String rest = " +\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ +422 +1 +phone is no number";
            assertThat(list.out().lines())
                    .hasSize(3)
                    .first()
                    .asString()
                    .matches("ID +USER +WHEN +STATUS +ATTEMPTS +REASON");
            assertThat(list.out().lines())
                    .anyMatch(line -> line.matches("\\d+ +3" + rest))
                    .anyMatch(line -> line.matches("\\d+ +7" + rest));
            assertThat(json(succeed(fixture, "list", "--json")))
                    .extracting(letter -> letter.path("user_id").asText())
                    .containsExactlyInAnyOrder("3", "7");

            String id = letter(fixture, 7);
            SyncProcess.Result shown = succeed(fixture, "show", id);
            assertThat(shown.out())
                    .containsPattern("User: +7\n")
                    .containsPattern("Status: +422\n")
                    .containsPattern("Request: +req_7\n")
                    .contains("phone is no number");
            assertThat(json(succeed(fixture, "show", id, "--json")))
                    .singleElement()
                    .satisfies(letter -> {
                        assertThat(letter.path("id").asText()).isEqualTo(id);
                        assertThat(letter.path("key").path(0).asText()).isEqualTo("7");
                        assertThat(letter.path("status").asInt()).isEqualTo(422);
                        assertThat(letter.path("reason").asText()).isEqualTo("phone is no number");
                        assertThat(letter.path("request_id").asText()).isEqualTo("req_7");
                        assertThat(letter.path("parked_at").asText()).matches("\\d{4}-.*Z");
                        assertThat(letter.path("attempts").asInt()).isEqualTo(1);
                    });
            assertRefused(fixture, List.of("no dead letter 999", "list"), "show", "999");
        }
    }

    @Test
    void list_worksWithBrokenConfiguration() throws Exception {
        try (Fixture fixture = fixture()) {
            assertRefused(fixture, List.of("no store", fixture.stateDirectory().toString()), "list");
            fixture.insertUsers(1, 3);
            fixture.catchUp();
            fixture.environment().remove("FLAMEUP_TOKEN");
            fixture.configure("  workspace: demo", "  workspaces: demo");

            assertThat(succeed(fixture, "list").out()).isEqualTo("There are no dead letters\n");
            assertThat(json(succeed(fixture, "list", "--json"))).isEmpty();

            // but not if the configured directory may be wrong
            fixture.configure("  directory:", "  directroy:");
            assertRefused(fixture, List.of("state.directroy", "directory"), "list");
        }
    }

    @Test
    void retry_withoutRun_isDoneByCommand() throws Exception {
        try (Fixture fixture = fixture()) {
            park(fixture, 10, 3, 5, 7);

            SyncProcess.Result one = succeed(fixture, "retry", letter(fixture, 5));
            assertThat(one.out()).contains("1 delivered, 0 refused again, 0 gone");
            assertThat(users(fixture)).containsExactly("3", "7");

            SyncProcess.Result all = succeed(fixture, "retry", "--all");
            assertThat(all.out()).contains("2 delivered, 0 refused again, 0 gone");
            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.assertConverged();

            assertThat(succeed(fixture, "retry", "--all").out()).contains("no dead letters");
        }
    }

    /** Which needs nothing of the configuration but the state directory. */
    @Test
    void retry_withRun_isDoneByRun() throws Exception {
        try (Fixture fixture = fixture()) {
            park(fixture, 10, 3, 7);
            SyncProcess active = fixture.fork("run");
            active.awaitLog("Following", LIMIT);
            fixture.environment().remove("FLAMEUP_TOKEN");

            SyncProcess.Result result = succeed(fixture, "retry", "--all");

            assertThat(result.out()).contains("pid " + active.pid()).contains("2 delivered, 0 refused again, 0 gone");
            assertThat(active.isAlive()).isTrue();
            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.assertConverged();
        }
    }

    @Test
    void retry_reportsRefusedAndMissingRows() throws Exception {
        try (Fixture fixture = fixture()) {
            park(fixture, 10, 3, 5, 7);
            String gone = letter(fixture, 5);
            fixture.execute("DELETE FROM public.users WHERE id = 5");
            refuse(fixture, 7);

            SyncProcess.Result result = run(fixture, "retry", "--all");

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertThat(result.out()).contains("1 delivered, 1 refused again, 1 gone");
            assertThat(users(fixture)).containsExactly("5", "7");
            assertThat(succeed(fixture, "show", gone).out()).contains("its row is gone");

            // and once more, with nothing that is refused
            fixture.standIn().reset();
            SyncProcess.Result again = run(fixture, "retry", "--all");
            assertThat(again.exitCode()).as("%s", again).isEqualTo(ATTENTION);
            assertThat(again.out()).contains("1 delivered, 0 refused again, 1 gone");
            assertThat(users(fixture)).containsExactly("5");
        }
    }

    /** Such a letter would be read again indefinitely, because no request settles it. */
    @Test
    void retry_changedUserId_isReportedAsGone() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("user-id: id", "user-id: plan");
            fixture.insertUsers(1, 4);
            fixture.execute("UPDATE public.users SET plan = id::text");
            refuse(fixture, 2, 3);
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
            fixture.execute(
                    "UPDATE public.users SET plan = NULL WHERE id = 2",
                    "UPDATE public.users SET plan = 'x' WHERE id = 3");

            SyncProcess.Result result = run(fixture, "retry", letter(fixture, 2), letter(fixture, 3));

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertThat(result.out()).contains("0 delivered, 0 refused again, 2 gone");
        }
    }

    @Test
    void discard_needsConfirmationOrYes() throws Exception {
        try (Fixture fixture = fixture()) {
            park(fixture, 10, 3, 5, 7);
            String id = letter(fixture, 5);
            long requests = fixture.standIn().requests();

            assertRefused(fixture, List.of("--yes"), "discard", id);
            assertRefused(fixture, List.of("no dead letter 998, 999", "list"), "discard", "--yes", id, "998", "999");
            assertThat(succeed(fixture, "discard", "--yes", id, id).out()).isEqualTo("Discarded 1 dead letter\n");
            assertThat(users(fixture)).containsExactly("3", "7");
            assertThat(succeed(fixture, "-q", "discard", "--yes", "--all").out())
                    .isEmpty();
            assertThat(fixture.store().deadLetters()).isEmpty();
            assertThat(succeed(fixture, "discard", "--yes", "--all").out()).isEqualTo("Discarded no dead letters\n");
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
        }
    }

    @Test
    void selection_missingOrInvalid_isRefused() throws Exception {
        try (Fixture fixture = fixture()) {
            park(fixture, 5, 3);
            String id = letter(fixture, 3);

            assertRefused(fixture, List.of("--all"), "retry");
            assertRefused(fixture, List.of("--all"), "discard", "--yes");
            assertRefused(fixture, List.of("--all"), "retry", "--all", id);
            assertRefused(fixture, List.of("no dead letter 999"), "retry", id, "999");
        }
    }

    /** The command reports what would prevent a retry before it requests one. */
    @Test
    void retry_thatCannotRun_isNotRequested() throws Exception {
        try (Fixture fixture = fixture()) {
            park(fixture, 5, 3);
            fixture.environment().remove("FLAMEUP_TOKEN");
            String before = fixture.store().content();

            SyncProcess.Result result = run(fixture, "retry", "--all");

            assertThat(result.exitCode()).as("%s", result).isEqualTo(USAGE);
            assertThat(result.errLines()).anyMatch(line -> line.contains("FLAMEUP_TOKEN"));
            assertThat(fixture.store().content()).isEqualTo(before);
        }
    }

    @Test
    void thousandsOfLetters_arePaged() throws Exception {
        try (Fixture fixture = fixture()) {
            int letters = 2_000;
            parkTheOdd(fixture, 2 * letters);

            assertThat(succeed(fixture, "list").out().lines()).hasSize(1 + letters);
            assertThat(json(succeed(fixture, "list", "--json")))
                    .extracting(letter -> letter.path("user_id").asInt())
                    .hasSize(letters)
                    .doesNotHaveDuplicates()
                    .allMatch(user -> user % 2 == 1);

            long before = fixture.standIn().requests();
            SyncProcess.Result result = succeed(fixture, "retry", "--all");
            assertThat(result.out()).contains("2000 delivered, 0 refused again, 0 gone");
            assertThat(fixture.standIn().requests()).isEqualTo(before + letters);
            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.assertConverged();
        }
    }

    /** If rows are large, a page of letters must not read all their rows at once. */
    @Test
    void megabyteRows_areRetriedInDefaultHeap() throws Exception {
        try (Fixture fixture = fixture()) {
            long[] odd = LongStream.iterate(1, id -> id < 300, id -> id + 2).toArray();
            fixture.configure("state:\n", "delivery:\n  halt-when-rejected: 100%\nstate:\n");
            fixture.insertUsers(1, 300);
            fixture.execute("UPDATE public.users SET big = repeat(md5(id::text), 32768) WHERE id % 2 = 1");
            refuse(fixture, odd);
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
            fixture.standIn().reset();

            assertThat(succeed(fixture, "retry", "--all").out()).contains("150 delivered, 0 refused again, 0 gone");
            fixture.assertConverged();
        }
    }

    @Test
    void retry_runKilled_isTakenOverByCommand() throws Exception {
        try (Fixture fixture = fixture()) {
            // given a run that cannot do it, since nothing is answered
            park(fixture, 10, 3, 7);
            SyncProcess active = fixture.fork("run");
            active.awaitLog("Following", LIMIT);
            fixture.standIn().when(request -> true, Behaviour.status(503));
            long before = fixture.standIn().requests();
            SyncProcess retry = start(fixture, "retry", "--all");
            fixture.awaitRequests(before + 2, 60);
            assertThat(retry.isAlive()).isTrue();

            // when it is killed
            active.kill9();
            fixture.standIn().reset();

            // then the command does it
            SyncProcess.Result result = retry.awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.out()).contains("2 delivered, 0 refused again, 0 gone");
            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.assertConverged();
        }
    }

    @Test
    void retry_commandKilled_isFinishedByNextRun() throws Exception {
        try (Fixture fixture = fixture()) {
            int letters = 1_000;
            parkTheOdd(fixture, 2 * letters);
            long before = fixture.standIn().requests();
            slow(fixture, 100);
            SyncProcess retry = fixture.fork(command("retry", "--all"));
            fixture.awaitRequests(before + letters / 2, 60);

            retry.kill9();
            int left = fixture.store().deadLetters().size();
            assertThat(left).isBetween(1, letters - 1);
            fixture.standIn().reset();
            fixture.catchUp();

            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.assertConverged();
        }
    }

    @Test
    void retry_interrupted_keepsRequest() throws Exception {
        try (Fixture fixture = fixture()) {
            // given one command that does the work and one that waits for it
            park(fixture, 10, 3, 7);
            fixture.standIn().when(request -> true, Behaviour.status(503));
            long before = fixture.standIn().requests();
            SyncProcess working = start(fixture, "retry", letter(fixture, 3));
            fixture.awaitRequests(before + 1, 60);
            SyncProcess waiting = start(fixture, "retry", letter(fixture, 7));
            Eventually.within(60, "the second request", () -> waiting.out().contains("pid " + working.pid()));

            Eventually.within(30, "how it goes", () -> working.out().contains("0 of 1 done: 0 delivered"));

            // when both are interrupted
            waiting.term();
            SyncProcess.Result second = waiting.awaitExit(LIMIT);
            working.term();
            SyncProcess.Result first = working.awaitExit(LIMIT);

            // then both report the open request, and the next run finishes it
            for (SyncProcess.Result result : List.of(first, second)) {
                assertThat(result.exitCode()).as("%s", result).isEqualTo(TRY_LATER);
                assertThat(result.errLines()).anyMatch(line -> line.contains("stays in the store"));
            }
            assertThat(users(fixture)).containsExactly("3", "7");
            fixture.standIn().reset();
            fixture.catchUp();
            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.assertConverged();
        }
    }

    /**
     * If a synchronous standby does not answer, the stream contains a change that is not visible yet. The row that the
     * retry reads is then older than the refused state.
     */
    @Test
    void retry_neverSendsOlderState() throws Exception {
        try (Fixture fixture = fixture()) {
            // given a change that was refused and whose commit hangs
            fixture.insertUsers(1, 5);
            SyncProcess active = fixture.fork("run");
            fixture.awaitConverged(60);
            refuse(fixture, 3);
            fixture.server().awaitSilentStandby();
            CompletableFuture<Void> hanging = CompletableFuture.runAsync(() -> change(fixture, 3));
            SyncProcess retry;
            try {
                Eventually.within(60, "the letter", () -> users(fixture).equals(List.of("3")));
                fixture.standIn().reset();

                // when it is retried
                retry = start(fixture, "retry", "--all");
                Eventually.within(60, "the request", () -> retry.out().contains("pid " + active.pid()));
                Eventually.settled(60, Duration.ofSeconds(2), "rest", () -> fixture.standIn()
                        .requests());
                assertThat(hanging).as("it hangs as long as the row is read").isNotDone();
            } finally {
                fixture.server().releaseSilentStandby();
            }
            hanging.get(20, TimeUnit.SECONDS);

            // then the new state is delivered once it is visible, and never the old one
            SyncProcess.Result result = retry.awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(fixture.standIn().history())
                    .filteredOn(call -> call.userId().equals("3"))
                    .extracting(call -> call.person().at("/traits/phone").asText())
                    .containsExactly("1", "2");
            fixture.assertConverged();
        }
    }

    private static void change(Fixture fixture, long user) {
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE public.users SET phone = '2' WHERE id = " + user);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
