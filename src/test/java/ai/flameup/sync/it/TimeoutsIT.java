package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.AppliedPerson;
import ai.flameup.sync.standin.Behaviour;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A request that timed out may yet be applied, after its successor: it never has the last word. */
@Execution(ExecutionMode.CONCURRENT)
class TimeoutsIT {
    private static Fixture fixture(int rows, String timeout) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        fixture.configure("  workspace: demo\n", "  workspace: demo\n  request-timeout: " + timeout + "\n");
        return fixture;
    }

    /** The next request about user 1 is applied when it is released. */
    private static void holdTheNext(Fixture fixture) {
        AtomicBoolean first = new AtomicBoolean(true);
        fixture.standIn()
                .when(
                        request -> request.userIds().contains("1") && first.compareAndSet(true, false),
                        Behaviour.ok().heldBeforeApplied());
    }

    private static List<AppliedPerson> callsOf(Fixture fixture, String userId) {
        return fixture.standIn().history().stream()
                .filter(call -> call.userId().equals(userId))
                .toList();
    }

    private static List<String> phones(Fixture fixture) {
        return callsOf(fixture, "1").stream()
                .map(call -> call.person().path("traits").path("phone").asText())
                .toList();
    }

    @Test
    void timedOutRequest_newestStateIsSentAgain() throws Exception {
        try (Fixture fixture = fixture(3, "2s")) {
            // given a request that times out while a newer state waits
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);
            holdTheNext(fixture);
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            Eventually.within(20, "the request", () -> !fixture.standIn().held().isEmpty());
            fixture.execute("UPDATE public.users SET phone = '3' WHERE id = 1");
            Eventually.within(20, "the newer state", () -> phones(fixture).contains("3"));

            // when the late request is applied after the newer one
            assertThat(fixture.standIn().release()).isEqualTo(1);
            assertThat(phones(fixture)).endsWith("3", "2");

            // then the newest state is sent again and settles the request
            fixture.awaitConverged(20);
            assertThat(phones(fixture)).containsExactly("1", "3", "2", "3");
            String end = fixture.value("SELECT pg_current_wal_lsn()");
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(10)).exitCode()).isZero();
            assertThat(fixture.value("SELECT '" + fixture.confirmed() + "'::pg_lsn <= '" + end + "'"))
                    .isEqualTo("t");
            long requests = fixture.standIn().requests();
            fixture.catchUp();
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
        }
    }

    /** The process ends after the retry of the timed-out request was accepted, or before any response. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, false"})
    void timedOutRequest_restart_newestStateIsSentAgain(boolean timesOut, boolean isTerminated) throws Exception {
        // Late writes are expected for twice this time, in which the process is replaced.
        try (Fixture fixture = fixture(3, "10s")) {
            SyncProcess process = fixture.fork("run");
            fixture.awaitConverged(60);
            holdTheNext(fixture);
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            Eventually.within(20, "the request", () -> !fixture.standIn().held().isEmpty());
            if (timesOut) {
                Eventually.within(20, "its retry", () -> phones(fixture).contains("2"));
            }

            // given a process that ends before the request is applied
            if (isTerminated) {
                process.term();
            } else {
                process.kill9();
            }
            process.awaitExit(Duration.ofSeconds(10));

            // when the row changes, and the request is applied after its newest state
            fixture.execute("UPDATE public.users SET phone = '3' WHERE id = 1");
            SyncProcess next = fixture.fork("run", "--until-caught-up");
            Eventually.within(20, "the newest state", () -> phones(fixture).contains("3"));
            assertThat(fixture.standIn().release()).isEqualTo(1);
            assertThat(phones(fixture)).endsWith("2");

            // then a finite run ends only after it has sent the newest state again
            assertThat(next.awaitExit(Duration.ofSeconds(60)).exitCode()).isZero();
            assertThat(phones(fixture)).endsWith("3", "2", "3");
            fixture.assertConverged();
        }
    }

    @Test
    void lateWrite_delaysNextHolderOfAddress() throws Exception {
        try (Fixture fixture = fixture(3, "2s")) {
            // given a request that sets an address and times out
            fixture.run();
            fixture.awaitConverged(60);
            holdTheNext(fixture);
            fixture.execute("UPDATE public.users SET email = 'late@example.com' WHERE id = 1");
            Eventually.within(20, "the request", () -> !fixture.standIn().held().isEmpty());

            // when its user changes the address again, and another user takes it
            fixture.execute(
                    "UPDATE public.users SET email = 'last@example.com' WHERE id = 1",
                    "INSERT INTO public.users (id, email, phone) VALUES (4, 'late@example.com', '1')");
            Eventually.within(20, "the next state", () -> callsOf(fixture, "1").stream()
                    .anyMatch(call -> call.person().path("email").asText().equals("late@example.com")));
            assertThat(fixture.standIn().release()).isEqualTo(1);

            // then it is sent after all requests of the first person
            fixture.awaitConverged(30);
            assertThat(fixture.standIn().persons())
                    .extracting(StoredPerson::email)
                    .containsExactlyInAnyOrder(
                            "last@example.com", "user2@example.com", "user3@example.com", "late@example.com");
            assertThat(callsOf(fixture, "4")).allSatisfy(taken -> assertThat(taken.number())
                    .isGreaterThan(callsOf(fixture, "1").stream()
                            .mapToLong(AppliedPerson::number)
                            .max()
                            .orElseThrow()));
        }
    }

    @Test
    void manyLateWrites_converge() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        try (Fixture fixture = fixture(50, "500ms")) {
            // given an API that applies a tenth of the requests after they have timed out
            fixture.run();
            fixture.awaitConverged(60);
            fixture.standIn()
                    .sometimes(
                            seed,
                            List.of(
                                    Behaviour.ok().after(Duration.ofMillis(900)).atRate(0.1),
                                    Behaviour.ok().after(Duration.ofMillis(20)).atRate(0.8)));

            // when
            for (int version = 2; version <= 12; version++) {
                fixture.execute("UPDATE public.users SET phone = '" + version + "' WHERE id % 4 <> " + version % 4);
            }
            String end = fixture.value("SELECT pg_current_wal_lsn()");
            Eventually.within(60, "the position", () -> fixture.value(
                            "SELECT '" + fixture.confirmed() + "'::pg_lsn >= '" + end + "'")
                    .equals("t"));

            // then a request that counts as settled stays settled
            Eventually.settled(20, Duration.ofMillis(1_500), "late requests", () -> fixture.standIn()
                    .requests());
            fixture.assertConverged();
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }
}
