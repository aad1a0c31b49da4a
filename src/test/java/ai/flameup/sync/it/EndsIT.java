package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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

    /** The engine reads a backlog without temporary files, even if the table was altered. */
    @Test
    void temporaryFileLimit_backlogOfAlteredTable_isDelivered() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            fixture.execute("ALTER TABLE public.users ADD COLUMN more text");
            fixture.insertUsers(11, 25_000);
            fixture.execute("ALTER DATABASE %s SET temp_file_limit = '64kB'".formatted(fixture.database()));
            // The limit is that of new sessions.
            try (Connection connection = fixture.connect();
                    Statement statement = connection.createStatement()) {
                assertThatExceptionOfType(SQLException.class)
                        .as("a peek at all of it")
                        .isThrownBy(() -> statement.executeQuery(
                                "SELECT count(*) FROM pg_logical_slot_peek_binary_changes('%1$s', NULL, NULL, 'proto_version', '1', 'publication_names', '%1$s')"
                                        .formatted(fixture.slot())))
                        .withMessageContaining("temp_file_limit");
            }

            fixture.catchUp();

            fixture.execute("ALTER DATABASE %s RESET temp_file_limit".formatted(fixture.database()));
            fixture.assertConverged();
        }
    }
}
