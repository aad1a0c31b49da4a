package ai.flameup.sync.it;

import static ai.flameup.sync.it.BackfillSite.LIMIT;
import static ai.flameup.sync.it.BackfillSite.awaitLast;
import static ai.flameup.sync.it.BackfillSite.expect;
import static ai.flameup.sync.it.BackfillSite.fixture;
import static ai.flameup.sync.it.BackfillSite.last;
import static ai.flameup.sync.it.BackfillSite.lastId;
import static ai.flameup.sync.it.BackfillSite.list;
import static ai.flameup.sync.it.BackfillSite.loaded;
import static ai.flameup.sync.it.BackfillSite.sent;
import static ai.flameup.sync.it.BackfillSite.slow;
import static ai.flameup.sync.it.BackfillSite.start;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Backfills that are paused, cancelled, stopped or killed. */
@Execution(ExecutionMode.CONCURRENT)
class BackfillInterruptionIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;
    private static final int TRY_LATER = 75;
    /** Two pages. */
    private static final int CHUNK = 1_024;
    /** Chunks that are open at most, the last page of them read when there was room for it. */
    private static final int OPEN = 2;

    @Test
    void droppedTable_haltsTheRun() throws Exception {
        try (Fixture fixture = loaded(5_000)) {
            slow(fixture, 100);
            SyncProcess active = fixture.run();
            active.awaitLog("Following", LIMIT);
            long before = fixture.standIn().requests();
            expect(0, fixture, "start", "--all", "--detach");
            fixture.awaitRequests(before + 100, 20);
            fixture.execute("DROP TABLE public.users");

            // By the next page of the backfill, or because the run looks at the table every few seconds.
            Eventually.within(60, "a word about the table", () -> fixture.status()
                    .path("reason")
                    .asText()
                    .matches("(?s).*(users\" does not exist|users is gone).*"));
            assertThat(last(fixture).path("state").asText()).isEqualTo("running");
        }
    }

    @Test
    void pausedBackfill_staysPausedAfterRestart_resumesAtPosition() throws Exception {
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
    void cancelledBackfill_readsNothingMore() throws Exception {
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
    void firstLoad_cancel_needsConfirmation() throws Exception {
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
    void interruptedCommand_reportsBackfillState() throws Exception {
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
    void lockedTable_stopsAtOnce_resumesLater() throws Exception {
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
    void kill_atAnyPoint_resumesAndEndsOnce() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int rows = PostgresServer.NIGHTLY ? 50_000 : 15_000;
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
            // Each row that existed at the start, except rows deleted before they were read.
            assertThat(told.path("rows_read").asLong()).isBetween(rows - changed, rows + changed);
            // A transaction of the workload changes at most five rows. Requests in flight are sent again.
            assertThat(sent(fixture, before))
                    .as("killed at %s, %d transactions", at, changed)
                    .isLessThanOrEqualTo(rows + 5 * changed + kills * ((long) OPEN * CHUNK + 64));
        }
    }
}
