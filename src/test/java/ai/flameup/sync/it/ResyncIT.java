package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.flameup.sync.standin.Behaviour;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A resync repairs a gap: by the command, by the halted run, or automatically. */
@Execution(ExecutionMode.CONCURRENT)
class ResyncIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int ATTENTION = 6;
    private static final int GAP = 7;
    private static final int TRY_LATER = 75;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static Fixture delivered(PostgresServer server, int users) throws SQLException {
        Fixture fixture = new Fixture(server);
        fixture.configure("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n");
        fixture.insertUsers(1, users);
        fixture.catchUp();
        return fixture;
    }

    private static Fixture delivered(int version) throws SQLException {
        return delivered(PostgresServer.shared(version), 20);
    }

    /** Drops the slot, with changes before and after. */
    private static void openGap(Fixture fixture) throws SQLException {
        fixture.execute("UPDATE public.users SET phone = '2' WHERE id % 3 = 0");
        SlotGuardIT.loseSlot(fixture);
        fixture.execute("UPDATE public.users SET phone = '2' WHERE id % 3 = 1", Fixture.insertStatement(1_001, 1_010));
    }

    private static SyncProcess.Result resync(Fixture fixture) {
        SyncProcess.Result result = fixture.start("resync", "--yes").awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        return result;
    }

    private static void expectResynced(Fixture fixture) throws SQLException {
        SyncProcess.Result result = resync(fixture);
        assertThat(result.exitCode()).as("%s", result).isZero();
        fixture.assertConverged();
        // And it is as ever from there on.
        fixture.execute("UPDATE public.users SET phone = '9' WHERE id <= 3");
        fixture.catchUp();
        fixture.assertConverged();
    }

    private static int slots(Fixture fixture) throws SQLException {
        return Integer.parseInt(
                fixture.value("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"));
    }

    private static List<Map<String, String>> asked(Fixture fixture) throws SQLException {
        return fixture.store().query("SELECT * FROM resync");
    }

    private static void end(SyncProcess process) {
        process.term();
        SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(10));
        assertThat(result.exitCode()).as("%s", result).isZero();
        BadInputIT.assertNoStackTrace(result);
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void resync_withoutRun_isDoneByCommand(int version) throws Exception {
        try (Fixture fixture = delivered(version)) {
            openGap(fixture);
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(GAP);

            // given no terminal to confirm on, it reports what it would do and does nothing
            String content = fixture.store().content();
            SyncProcess.Result unasked = fixture.start("resync").awaitExit(SOON);
            assertThat(unasked.exitCode()).as("%s", unasked).isEqualTo(USAGE);
            assertThat(unasked.err()).contains("--yes");
            assertThat(unasked.out())
                    .contains(
                            "slot " + fixture.slot() + " is gone",
                            "Source before: ",
                            "Source after: ",
                            "Rows: about 30",
                            "Not recovered");
            assertThat(fixture.store().content()).isEqualTo(content);
            assertThat(slots(fixture)).isZero();

            // when it may, it does it
            expectResynced(fixture);
            Fixture.assertNeverBackwards(fixture.standIn().history());
            assertThat(slots(fixture)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void resync_haltedRun_isDoneByRun(int version) throws Exception {
        try (Fixture fixture = delivered(version)) {
            SyncProcess run = fixture.fork("run");
            run.awaitLog("Following", SOON);
            openGap(fixture);
            run.awaitLog("Halted: .*is gone", SOON);

            long from = System.nanoTime();
            SyncProcess.Result result = resync(fixture);

            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.out()).contains("the active run (pid " + run.pid() + ") does the work");
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - from)).isLessThan(40);
            fixture.assertConverged();
            fixture.execute("UPDATE public.users SET phone = '4'");
            fixture.awaitConverged(60);
            Fixture.assertNeverBackwards(fixture.standIn().history());
            end(run);
        }
    }

    @Test
    void resync_activeRun_losesNoChange() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.shared(PostgresServer.NEWEST), 2_000)) {
            SyncProcess run = fixture.run();
            run.awaitLog("Following", SOON);
            SyncProcess.Result unasked = fixture.start("resync").awaitExit(SOON);
            assertThat(unasked.out()).contains("No gap was found");

            try (Workload workload = Workload.start(fixture, 1, 2_000)) {
                SyncProcess.Result result = fixture.start("resync", "--yes").awaitExit(LIMIT);
                assertThat(result.exitCode()).as("%s", result).isZero();
                assertThat(workload.transactions()).isPositive();
            }
            fixture.awaitConverged(60);
            Fixture.assertNeverBackwards(fixture.standIn().history());
            assertThat(slots(fixture)).isEqualTo(1);
            end(run);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void automaticResync_isNotRepeated(int version) throws Exception {
        try (Fixture fixture = delivered(version)) {
            fixture.configure("  table: public.users\n", "  table: public.users\n  on-slot-lost: resync\n");
            SyncProcess run = fixture.run();
            run.awaitLog("Following", SOON);
            openGap(fixture);

            run.awaitLog("Resync started: id=1, requested_by=on-slot-lost", SOON);
            fixture.awaitConverged(60);
            assertThat(Pattern.compile("WARN.*requesting a resync. Cause: .*is gone")
                            .matcher(run.err())
                            .results())
                    .as("%s", run)
                    .hasSize(1);

            // when the new slot is lost too
            Eventually.within(60, "the backfill's end", () -> run.err().contains("Backfill 2 is done"));
            openAgain(fixture);
            run.awaitLog("no automatic resync, because the last one was less than an hour ago", SOON);
            run.awaitLog("Halted: .*is gone", SOON);
            assertThat(asked(fixture)).hasSize(1);

            // then an operator has to request it
            SyncProcess.Result result = resync(fixture);
            assertThat(result.exitCode()).as("%s", result).isZero();
            fixture.assertConverged();
            end(run);
        }
    }

    private static void openAgain(Fixture fixture) throws SQLException {
        SlotGuardIT.loseSlot(fixture);
        fixture.execute("UPDATE public.users SET phone = '3'");
    }

    @Test
    void automaticResync_inFiniteRun_isDone() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.NEWEST)) {
            fixture.configure("  table: public.users\n", "  table: public.users\n  on-slot-lost: resync\n");
            openGap(fixture);
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void automaticResync_otherServer_isRefused() throws Exception {
        try (PostgresServer other = PostgresServer.launchWithOwnIdentifier(PostgresServer.NEWEST);
                Fixture fixture = delivered(PostgresServer.NEWEST)) {
            SlotGuardIT.moveTo(fixture, other);
            String configuration = java.nio.file.Files.readString(fixture.configurationFile());
            java.nio.file.Files.writeString(
                    fixture.configurationFile(),
                    configuration.replace(
                            "  table: public.users\n", "  table: public.users\n  on-slot-lost: resync\n"));

            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(GAP);
            assertThat(asked(fixture)).isEmpty();

            // when an operator requests a resync, it runs, as after a major upgrade
            SyncProcess.Result result = resync(fixture);
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(fixture.standIn().persons()).hasSize(30);
            assertThat(fixture.catchUp().exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resync_afterPromotion_converges(boolean withSlots) throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = delivered(server, 20)) {
            assumeThat(server.canStop()).isTrue();
            fixture.execute("UPDATE public.users SET phone = '2'");
            server.promote(withSlots);
            fixture.execute("UPDATE public.users SET phone = '3' WHERE id % 2 = 0");

            expectResynced(fixture);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void resync_afterRestoredBackup_converges(int version) throws Exception {
        try (PostgresServer server = PostgresServer.launch(version, Map.of());
                Fixture fixture = delivered(server, 20)) {
            assumeThat(server.canStop()).isTrue();
            Path backup = fixture.directory().resolve("backup");
            server.stop();
            PostgresServer.copyFiles(server.data(), backup);
            server.start();
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.catchUp();
            server.stop();
            PostgresServer.copyFiles(backup, server.data());
            PostgresServer.deleteFiles(backup);
            server.start();
            fixture.execute("UPDATE public.users SET first_name = 'restored' WHERE id = 7");
            SyncProcess.Result before = fixture.untilCaughtUp();
            assertThat(before.exitCode()).as("%s", before).isEqualTo(GAP);

            expectResynced(fixture);
        }
    }

    @Test
    void resync_afterInvalidatedSlot_converges() throws Exception {
        try (PostgresServer server =
                        PostgresServer.launch(PostgresServer.OLDEST, Map.of("max_slot_wal_keep_size", "1MB"));
                Fixture fixture = delivered(server, 20)) {
            fixture.execute("UPDATE public.users SET phone = '2'");
            SlotGuardIT.invalidateSlot(fixture);

            expectResynced(fixture);
            assertThat(slots(fixture)).isEqualTo(1);
        }
    }

    @Test
    void kill_betweenOldAndNewSlot_resumes() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.NEWEST)) {
            openGap(fixture);
            fixture.execute(
                    "BEGIN; UPDATE public.users SET phone = '5' WHERE id = 1; PREPARE TRANSACTION 'in_the_way'");
            SyncProcess command = fixture.fork("resync", "--yes");
            command.awaitLog("waits for open transactions", SOON);
            command.kill9();
            fixture.execute("COMMIT PREPARED 'in_the_way'");

            // then the next run performs the requested resync
            fixture.catchUp();
            fixture.assertConverged();
            assertThat(slots(fixture)).isEqualTo(1);
            assertThat(asked(fixture)).singleElement().satisfies(one -> assertThat(one.get("done_at"))
                    .isNotNull());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "this command does the work",
                "Dropped the existing slot",
                "Slot created",
                "Resync started",
                "Backfill started"
            })
    void kill_atStep_resumes(String step) throws Exception {
        try (Fixture fixture = delivered(PostgresServer.shared(PostgresServer.OLDEST), 1_500)) {
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id % 3 = 1");
            fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(5)));
            SyncProcess command = fixture.fork("resync", "--yes");
            Pattern pattern = Pattern.compile(step);
            Eventually.within(60, step, () -> pattern.matcher(command.err() + command.out())
                    .find());
            command.kill9();
            fixture.execute("UPDATE public.users SET phone = '3' WHERE id % 5 = 1");

            fixture.catchUp();
            fixture.assertConverged();
            Fixture.assertNeverBackwards(fixture.standIn().history());
            assertThat(slots(fixture)).isEqualTo(1);
        }
    }

    @Test
    void kill_atAnyInstant_resumes() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (Fixture fixture = delivered(PostgresServer.shared(PostgresServer.NEWEST), 1_000)) {
            fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(5)));
            for (int i = 2; i < 8; i++) {
                fixture.execute("UPDATE public.users SET phone = '%d' WHERE id %% 7 = %d".formatted(i, i % 7));
                SyncProcess command = fixture.fork("resync", "--yes");
                awaitEndFor(command, random.nextLong(1_500, 7_000));
                command.close();
            }
            fixture.catchUp();
            fixture.assertConverged();
            Fixture.assertNeverBackwards(fixture.standIn().history());
            assertThat(slots(fixture)).isEqualTo(1);
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static void awaitEndFor(SyncProcess process, long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        Eventually.within(60, "an instant", () -> !process.isAlive() || System.nanoTime() > until);
    }

    @Test
    void resync_keepsDeadLetters_cancelsBackfills() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.NEWEST)) {
            // given two dead letters, a paused backfill, and a gap
            fixture.standIn().when(request -> request.userId().matches("[34]"), Behaviour.status(422));
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id IN (3, 4)");
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters()).hasSize(2);
            pausedBackfill(fixture);
            SlotGuardIT.loseSlot(fixture);
            fixture.execute("DELETE FROM public.users WHERE id = 4");
            fixture.standIn().reset();

            // when it is resynced
            SyncProcess.Result result = resync(fixture);

            // then the letter of an existing row is settled by its row, and the other stays
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(fixture.store().deadLetters())
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.get("user_id")).isEqualTo("4"));
            assertThat(fixture.store().query("SELECT * FROM backfill WHERE kind = 'ALL'"))
                    .allSatisfy(one -> assertThat(one.get("state")).isEqualTo("CANCELLED"));
            assertThat(fixture.store().query("SELECT * FROM backfill WHERE ended_at IS NULL"))
                    .isEmpty();
            fixture.assertConverged();
        }
    }

    private static void pausedBackfill(Fixture fixture) throws SQLException {
        try (Connection store = DriverManager.getConnection(
                        "jdbc:sqlite:" + fixture.stateDirectory().resolve("state.db"));
                Statement statement = store.createStatement()) {
            statement.execute("INSERT INTO backfill (kind, state, requested_at, requested_by)"
                    + " VALUES ('ALL', 'PAUSED', '2026-11-23T14:42:00Z', 'operator@host')");
        }
    }

    @Test
    void foreignSlot_isKept() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.NEWEST)) {
            SlotGuardIT.loseSlot(fixture);
            fixture.value("SELECT pg_create_physical_replication_slot('" + fixture.slot() + "')");
            try {
                SyncProcess.Result result = resync(fixture);
                assertThat(result.exitCode()).as("%s", result).isEqualTo(POSTGRES);
                assertThat(result.err()).contains("is not a slot of flameup-sync", "postgres.slot");
                assertThat(fixture.value("SELECT slot_type FROM pg_replication_slots WHERE slot_name = '"
                                + fixture.slot() + "'"))
                        .isEqualTo("physical");
                assertThat(asked(fixture)).isEmpty();
            } finally {
                fixture.value("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");
            }
        }
    }

    @Test
    void slotInUse_isKept() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of("wal_sender_timeout", "3s"));
                Fixture fixture = delivered(server, 20)) {
            // given a second state directory, whose run streams from the slot
            Path other = fixture.directory().resolve("other");
            PostgresServer.copyFiles(fixture.stateDirectory(), other);
            SyncProcess run = fixture.run();
            run.awaitLog("Following", SOON);
            String pid = fixture.awaitStreaming();
            fixture.configure(fixture.stateDirectory().toString(), other.toString());

            SyncProcess.Result result = resync(fixture);

            assertThat(result.exitCode()).as("%s", result).isEqualTo(TRY_LATER);
            assertThat(result.err()).contains("is in use by another process: pid " + pid);
            assertThat(new Store(other).query("SELECT * FROM resync")).isEmpty();
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitConverged(60);
            end(run);
        }
    }

    @Test
    void otherDestination_isNotAdopted() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.NEWEST)) {
            for (String[] change : List.of(
                    new String[] {"  workspace: demo\n", "  workspace: other\n"},
                    new String[] {"  user-id: id\n", "  user-id: external_ref\n"})) {
                fixture.configure(change[0], change[1]);
                SyncProcess.Result result = resync(fixture);
                assertThat(result.exitCode()).as("%s", result).isEqualTo(USAGE);
                assertThat(asked(fixture)).isEmpty();
            }
        }
    }

    @Test
    void renamedTable_isAdopted() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.NEWEST)) {
            fixture.execute("ALTER TABLE public.users RENAME TO people");
            fixture.configure("  table: public.users\n", "  table: public.people\n");
            SyncProcess.Result before = fixture.untilCaughtUp();
            assertThat(before.exitCode()).as("%s", before).isEqualTo(GAP);

            SyncProcess.Result result = resync(fixture);

            assertThat(result.exitCode()).as("%s", result).isZero();
            fixture.execute("UPDATE public.people SET phone = '2'");
            fixture.catchUp();
            assertThat(fixture.versions().values()).containsOnly(2L);
        }
    }

    @Test
    void runWithOtherConfiguration_ignoresRequest() throws Exception {
        try (Fixture fixture = delivered(PostgresServer.NEWEST)) {
            SyncProcess run = fixture.run();
            run.awaitLog("Following", SOON);
            fixture.configure("  slot: " + fixture.slot(), "  slot: " + fixture.slot() + "_2");
            SyncProcess command = fixture.start("resync", "--yes");
            run.awaitLog("Halted: .*this process is configured for .*" + fixture.slot() + " ", SOON);
            end(run);

            SyncProcess.Result result = command.awaitExit(LIMIT);
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.err()).contains("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");
            assertThat(slots(fixture)).isEqualTo(2);
        }
    }
}
