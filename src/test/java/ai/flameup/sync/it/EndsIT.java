package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.Behaviour;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A run ends when it is told to, and in its time, whatever the server does. */
class EndsIT {
    private static final int TRY_LATER = 75;

    @Test
    void sigterm_silentPostgres_endsInTime() throws Exception {
        PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
        try (Wire wire = new Wire(server.host(), server.port());
                Fixture fixture = new Fixture(server)) {
            fixture.insertUsers(1, 10);
            fixture.configure(server.host() + ":" + server.port(), "127.0.0.1:" + wire.port());
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");

            wire.cut();
            process.term();

            assertThat(process.awaitExit(Duration.ofSeconds(25)).exitCode()).isZero();
        }
    }

    @Test
    void sigterm_silentPostgresWhileStarting_endsInTime() throws Exception {
        PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
        try (Wire wire = new Wire(server.host(), server.port());
                Fixture fixture = new Fixture(server)) {
            fixture.insertUsers(1, 10);
            fixture.execute("BEGIN; UPDATE public.users SET phone = '2'; PREPARE TRANSACTION 'ends'");
            fixture.configure(server.host() + ":" + server.port(), "127.0.0.1:" + wire.port());
            try {
                SyncProcess process = fixture.run();
                process.awaitLog("has to wait for .*prepared ends", Duration.ofSeconds(60));

                wire.cut();
                process.term();

                assertThat(process.awaitExit(Duration.ofSeconds(25)).exitCode()).isNotEqualTo(143);
            } finally {
                fixture.execute("ROLLBACK PREPARED 'ends'");
            }
        }
    }

    @Test
    void deadline_streamIsRestarted_countsFromTheStart() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.standIn().when(request -> true, Behaviour.status(503));
            SyncProcess process =
                    fixture.start("run", "--until-caught-up", "--deadline", "25s", "--stall-timeout", "5m");
            process.awaitLog("Catching up", Duration.ofSeconds(60));
            fixture.execute("ALTER TABLE public.users ALTER COLUMN score TYPE bigint");

            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(60));

            assertThat(result.exitCode()).as("%s", result).isEqualTo(TRY_LATER);
            assertThat(result.took()).isLessThan(Duration.ofSeconds(30));
        }
    }

    /** The limit is the operator's, and the same at each attempt. */
    @Test
    void temporaryFileLimit_lookAtTheSlot_haltsWithItsRemedy() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            fixture.execute("ALTER TABLE public.users ADD COLUMN more text");
            fixture.insertUsers(11, 5_000);
            fixture.execute(
                    "ALTER DATABASE %s SET temp_file_limit = '64kB'".formatted(fixture.database()),
                    "ALTER DATABASE %s SET work_mem = '64kB'".formatted(fixture.database()));

            SyncProcess process = fixture.run();

            process.awaitLog("Halted: .*temp_file_limit.*ALTER ROLE", Duration.ofSeconds(60));
        }
    }
}
