package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A run ends on a stop request within its time limit, whatever the server does. */
class EndsIT {
    /** Docker kills 10 s after SIGTERM. */
    private static final Duration LIMIT = Duration.ofSeconds(9);

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

            assertThat(process.awaitExit(LIMIT).exitCode()).isZero();
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
                process.awaitLog("waits for open transactions: .*prepared ends", Duration.ofSeconds(60));

                wire.cut();
                process.term();

                assertThat(process.awaitExit(LIMIT).exitCode()).isNotEqualTo(143);
            } finally {
                fixture.execute("ROLLBACK PREPARED 'ends'");
            }
        }
    }

    /** The limit is the operator's, and the same at each attempt. */
    @Test
    void temporaryFileLimit_lookAtTheSlot_haltsWithItsRemedy() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            fixture.execute("ALTER TABLE public.users ADD COLUMN more text");
            fixture.insertUsers(11, 8_000);
            // With this setting catalog views need no temporary files, but the slot's backlog does.
            fixture.execute(
                    "ALTER DATABASE %s SET temp_file_limit = '64kB'".formatted(fixture.database()),
                    "ALTER DATABASE %s SET work_mem = '512kB'".formatted(fixture.database()));

            SyncProcess process = fixture.run();

            process.awaitLog("Halted: .*temp_file_limit.*ALTER ROLE", Duration.ofSeconds(60));
        }
    }
}
