package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import ai.flameup.sync.standin.Behaviour;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A row that is read never carries an older state past a newer one of the stream. */
class FenceIT {
    private static final int ROWS = 10_000;
    private static final int HANGING_FROM = 9_001;

    /**
     * If a synchronous standby does not answer, the stream contains a change whose transaction is not visible yet. A row
     * that is read at that time is older than the streamed state.
     */
    @Test
    void streamedTransaction_notYetVisible_isNotOverwrittenByOlderRows() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given a first load under way
            fixture.insertUsers(1, ROWS);
            fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(20)));
            SyncProcess process = fixture.run();
            fixture.awaitRequests(200, 60);

            // when rows that it has yet to deliver are changed by a commit that hangs
            fixture.server().awaitSilentStandby();
            CompletableFuture<Void> hanging = CompletableFuture.runAsync(() -> changeTheLastRows(fixture));
            try {
                Eventually.within(20, "a session that waits for the standby", () -> fixture.value(
                                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                        .equals("1"));
                Eventually.within(60, "all other rows", () -> fixture.standIn().requests() >= HANGING_FROM - 1);
                Eventually.settled(60, Duration.ofSeconds(1), "rest", () -> fixture.standIn()
                        .requests());
                assertThat(hanging).as("it hangs as long as the rows are read").isNotDone();
                assertThat(fixture.value("SELECT phone FROM public.users WHERE id = " + HANGING_FROM))
                        .as("what a reader sees meanwhile")
                        .isEqualTo("1");
            } finally {
                fixture.server().releaseSilentStandby();
            }
            hanging.get(20, TimeUnit.SECONDS);

            // then it continues by itself, and no person's state went back
            fixture.awaitConverged(60);
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(10)).exitCode()).isZero();
            Fixture.assertNeverBackwards(fixture.standIn().history());
        }
    }

    /** The stream of the former process brought the change, and readers still see the older state. */
    @Test
    void restartWhileACommitWaitsForTheStandby_sendsNoOlderRow() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            SyncProcess first = fixture.run();
            fixture.awaitState("in_step");
            fixture.server().awaitSilentStandby();
            CompletableFuture<Void> hanging = CompletableFuture.runAsync(() -> update(fixture));
            try {
                Eventually.within(60, "the change", () -> fixture.versions().get("5") == 2);
                // Otherwise the next stream would repeat the change, and the fence would know it.
                String end = fixture.value("SELECT pg_current_wal_lsn()");
                Eventually.within(60, "the slot past the change", () -> fixture.value(
                                "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots WHERE slot_name = '%s'"
                                        .formatted(end, fixture.slot()))
                        .equals("t"));
                first.term();
                assertThat(first.awaitExit(Duration.ofSeconds(20)).exitCode()).isZero();

                SyncProcess second = fixture.run();
                SyncProcess.Result backfill =
                        fixture.start("backfill", "start", "--all", "--detach").awaitExit(Duration.ofMinutes(1));
                assertThat(backfill.exitCode()).as("%s", backfill).isZero();
                Eventually.within(
                        60,
                        "reads that wait, or rows",
                        () -> second.err().contains("Reads wait for transactions")
                                || fixture.standIn().requests() > 11);
                Eventually.settled(60, Duration.ofSeconds(2), "requests", () -> fixture.standIn()
                        .requests());
                assertThat(hanging).isNotDone();
                Fixture.assertNeverBackwards(fixture.standIn().history());
                assertThat(second.err()).contains("Reads wait for transactions");
            } finally {
                fixture.server().releaseSilentStandby();
            }
            hanging.get(20, TimeUnit.SECONDS);

            Eventually.within(
                    60, "the backfill", () -> fixture.standIn().history().size() >= 10 + 1 + 10);
            Fixture.assertNeverBackwards(fixture.standIn().history());
            fixture.assertConverged();
        }
    }

    private static void update(Fixture fixture) {
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE public.users SET phone = '2' WHERE id = 5");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void changeTheLastRows(Fixture fixture) {
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("UPDATE public.users SET phone = '2' WHERE id >= " + HANGING_FROM);
            statement.execute(Fixture.insertStatement(ROWS + 1, ROWS + 10));
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void rowsChangedDuringRead_areNotOverwrittenByOlderRows() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            // given few rows and several writers that change each of them over and over
            int rows = 3_000;
            fixture.insertUsers(1, rows);
            fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(5)));
            SyncProcess.Result result;
            List<AppliedPerson> history;
            try (Workload workload = Workload.start(fixture, 4, rows)) {
                // when they are loaded
                result = fixture.untilCaughtUp();
                history = fixture.standIn().history();
                workload.stop();
                assertThat(workload.transactions()).isGreaterThan(100);
            }

            // then
            assertThat(result.exitCode()).as("%s", result).isZero();
            Fixture.assertNeverBackwards(history);
            fixture.standIn().reset();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
