package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.flameup.sync.standin.Behaviour;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Slot and server are checked: no run continues past a gap, whatever caused it. */
@Execution(ExecutionMode.CONCURRENT)
class SlotGuardIT {
    private static final int GAP = 7;
    private static final Duration SOON = Duration.ofSeconds(60);
    /** So little WAL that one full segment invalidates a slot. */
    private static final Map<String, String> KEEPS_LITTLE = Map.of("max_slot_wal_keep_size", "1MB");

    static Fixture inStep(PostgresServer server) throws SQLException {
        Fixture fixture = new Fixture(server);
        fixture.insertUsers(1, 20);
        return fixture;
    }

    /** Terminates the client that streams from the slot and drops the slot. */
    static void loseSlot(Fixture fixture) throws SQLException {
        fixture.execute("""
                DO $$ BEGIN
                    FOR i IN 1..500 LOOP
                        PERFORM pg_terminate_backend(active_pid) FROM pg_replication_slots
                            WHERE slot_name = '%1$s' AND active_pid IS NOT NULL;
                        BEGIN
                            PERFORM pg_drop_replication_slot('%1$s');
                            RETURN;
                        EXCEPTION WHEN object_in_use THEN PERFORM pg_sleep(0.02);
                        END;
                    END LOOP;
                    RAISE 'the slot stays in use';
                END $$""".formatted(fixture.slot()));
    }

    /** Has the server invalidate the slot, because it retains too much unread WAL. */
    static void invalidateSlot(Fixture fixture) {
        Eventually.within(60, "the slot's invalidation", () -> {
            writeElsewhere(fixture, 20);
            fixture.execute("SELECT pg_switch_wal()", "CHECKPOINT");
            return fixture.value(
                            "SELECT wal_status FROM pg_replication_slots WHERE slot_name = '" + fixture.slot() + "'")
                    .equals("lost");
        });
    }

    private static void writeElsewhere(Fixture fixture, int megabytes) throws SQLException {
        fixture.value("SELECT count(pg_logical_emit_message(false, 'elsewhere', repeat('x', 1048576)))"
                + " FROM generate_series(1, " + megabytes + ")");
    }

    private static void assertGap(SyncProcess.Result result, String... said) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(GAP);
        assertThat(result.err()).contains(said).contains("/bin/flameup-sync resync --config ");
        BadInputIT.assertNoStackTrace(result);
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void slot_droppedDuringRun_isGap(int version) throws Exception {
        try (Fixture fixture = inStep(PostgresServer.shared(version))) {
            SyncProcess process = fixture.start("run", "--exit-when-halted");
            fixture.awaitConverged(60);

            loseSlot(fixture);

            assertGap(process.awaitExit(SOON), "slot " + fixture.slot() + " is gone");
            assertGap(fixture.untilCaughtUp(), "slot " + fixture.slot() + " is gone");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void slot_invalidatedDuringRun_isGap(int version) throws Exception {
        try (PostgresServer server = PostgresServer.launch(version, KEEPS_LITTLE);
                Fixture fixture = inStep(server)) {
            SyncProcess process = fixture.start("run", "--exit-when-halted");
            fixture.awaitConverged(60);

            // when delivery stops and much WAL is written
            fixture.standIn().when(request -> true, Behaviour.status(503));
            fixture.execute("UPDATE public.users SET phone = '2'");
            invalidateSlot(fixture);

            assertGap(process.awaitExit(SOON), "slot " + fixture.slot() + " was invalidated");
            assertGap(fixture.untilCaughtUp(), "slot " + fixture.slot() + " was invalidated");
        }
    }

    @ParameterizedTest
    @CsvSource({"14, true", "18, false", "18, true"})
    void promotion_duringRun_isGap(int version, boolean withSlots) throws Exception {
        try (PostgresServer server = PostgresServer.launch(version, Map.of());
                Fixture fixture = inStep(server)) {
            assumeThat(server.canStop()).isTrue();
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);

            server.promote(withSlots);

            // The job may find it as a standby first and check it again a minute later.
            process.awaitLog("Halted: .*the server's timeline was 1 and is 2 now", Duration.ofMinutes(2));
            assertThat(process.isAlive()).isTrue();
            process.term();
            assertThat(process.awaitExit(SOON).exitCode()).isZero();
            assertGap(fixture.untilCaughtUp(), "timeline was 1 and is 2 now");
        }
    }

    @Test
    void restoredBackup_duringRun_staysGap() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = inStep(server)) {
            assumeThat(server.canStop()).isTrue();
            // given a copy of the server's files, with the slot, and a job that is far ahead of it
            fixture.catchUp();
            Path backup = fixture.directory().resolve("backup");
            server.stop();
            PostgresServer.copyFiles(server.data(), backup);
            server.start();
            SyncProcess process = fixture.run();
            writeElsewhere(fixture, 50);
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitConverged(60);

            // when the copy replaces it
            server.stop();
            PostgresServer.copyFiles(backup, server.data());
            server.start();

            // then that is a gap, also once it has written as much as the other had
            process.awaitLog("Halted: .*restored from a backup.*resync", SOON);
            process.term();
            assertThat(process.awaitExit(SOON).exitCode()).isZero();
            fixture.execute("UPDATE public.users SET phone = '3' WHERE id = 1");
            writeElsewhere(fixture, 60);
            assertGap(fixture.untilCaughtUp(), "restored from a backup");
            PostgresServer.deleteFiles(backup);
        }
    }

    @ParameterizedTest
    @CsvSource({"14, true", "18, true", "18, false"})
    void restoredBackup_withWalPastPosition_isGap(int version, boolean changed) throws Exception {
        try (PostgresServer server = PostgresServer.launch(version, Map.of());
                Fixture fixture = inStep(server)) {
            assumeThat(server.canStop()).isTrue();
            fixture.catchUp();
            Path backup = fixture.directory().resolve("backup");
            server.stop();
            PostgresServer.copyFiles(server.data(), backup);
            server.start();
            if (changed) {
                fixture.execute("UPDATE public.users SET phone = '2'");
            }
            fixture.catchUp();

            // when the copy replaces it, and writes past the old position before a check
            server.stop();
            PostgresServer.copyFiles(backup, server.data());
            server.start();
            fixture.execute("UPDATE public.users SET phone = '3' WHERE id = 1");
            writeElsewhere(fixture, 20);

            assertGap(fixture.untilCaughtUp(), "restored from a backup");
            writeElsewhere(fixture, 20);
            assertGap(fixture.untilCaughtUp(), "restored from a backup");
            PostgresServer.deleteFiles(backup);
        }
    }

    @Test
    void otherServer_isGap() throws Exception {
        try (PostgresServer other = PostgresServer.launchWithOwnIdentifier(PostgresServer.NEWEST);
                Fixture fixture = inStep(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.catchUp();
            moveTo(fixture, other);

            assertGap(fixture.untilCaughtUp(), "system identifier");
        }
    }

    /** The same database name on another server, with its own table. */
    static void moveTo(Fixture fixture, PostgresServer other) throws SQLException {
        other.execute("postgres", "CREATE DATABASE " + fixture.database());
        other.execute(
                fixture.database(),
                "CREATE TABLE public.users (id bigint PRIMARY KEY, email text UNIQUE, first_name text, last_name text,"
                        + " phone text, avatar_url text, timezone text, locale text, plan text, score integer,"
                        + " is_active boolean, balance numeric(12,2), external_ref uuid, created_at timestamptz, big text)",
                Fixture.insertStatement(1, 30));
        fixture.configure(fixture.server().jdbcUrl(fixture.database()), other.jdbcUrl(fixture.database()));
    }

    @Test
    void olderStore_isGap() throws Exception {
        try (Fixture fixture = inStep(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.catchUp();
            Path older = fixture.directory().resolve("older");
            PostgresServer.copyFiles(fixture.stateDirectory(), older);
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.catchUp();
            PostgresServer.copyFiles(older, fixture.stateDirectory());

            SyncProcess.Result result = fixture.untilCaughtUp();
            assertGap(result, "ahead of the stored position");
            assertThat(result.err())
                    .contains(
                            "belongs to an earlier installation", "for a new installation, move state.directory away");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void slot_advances_whileOtherTablesAreWritten(int version) throws Exception {
        try (PostgresServer server = PostgresServer.launch(version, Map.of());
                Fixture fixture = inStep(server)) {
            // given a job in step, and a limit of the server's that it would pass if the slot stood still
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);
            String before = fixture.value("SELECT pg_current_wal_lsn()");
            long requests = fixture.standIn().requests();
            fixture.execute(
                    "CREATE TABLE public.other (a text)", "ALTER TABLE public.other ALTER a SET STORAGE EXTERNAL");

            // when a gigabyte is written elsewhere
            for (int i = 0; i < 16; i++) {
                fixture.execute(
                        "INSERT INTO public.other SELECT repeat(md5(i::text), 2048)"
                                + " FROM generate_series(1, 1024) i",
                        "TRUNCATE public.other");
            }
            assertThat(Long.parseLong(
                            fixture.value("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '" + before + "')::bigint")))
                    .as("bytes of WAL")
                    .isGreaterThan(1L << 30);

            // then the slot releases it
            Eventually.within(60, "little is retained", () -> Long.parseLong(retained(fixture)) < 64L << 20);
            assertThat(fixture.value("SELECT '" + fixture.confirmed() + "'::pg_lsn > '" + before + "'"))
                    .isEqualTo("t");
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
            assertThat(process.isAlive()).isTrue();
        }
    }

    private static String retained(Fixture fixture) throws SQLException {
        return fixture.value(
                "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots"
                        + " WHERE slot_name = '" + fixture.slot() + "'");
    }

    @Test
    void retainedWal_isReportedAtHalfAndAtLimit() throws Exception {
        try (Fixture fixture = inStep(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure("  table: public.users\n", "  table: public.users\n  max-retained-wal: 64MB\n");
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);

            // when the job is halted while more and more is written
            fixture.standIn().when(request -> true, Behaviour.status(401));
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitState("halted");
            writeElsewhere(fixture, 45);
            process.awaitLog("WARN .*more than half of postgres.max-retained-wal \\(64 MB\\)", SOON);
            writeElsewhere(fixture, 45);
            process.awaitLog("WARN .*more than postgres.max-retained-wal \\(64 MB\\)", SOON);
            Eventually.within(10, "a notice", () -> fixture.status()
                    .path("notices")
                    .findValuesAsText("name")
                    .contains("retained-wal"));

            // and when it works again
            fixture.standIn().reset();
            process.hup();
            process.awaitLog("Retained WAL is back to", Duration.ofSeconds(120));
            Eventually.within(
                    60, "ready again", () -> fixture.status().path("ready").asBoolean());
            assertThat(Pattern.compile("Retained WAL is").matcher(process.err()).results())
                    .as("%s", process)
                    .hasSize(3);
            fixture.awaitConverged(60);
        }
    }
}
