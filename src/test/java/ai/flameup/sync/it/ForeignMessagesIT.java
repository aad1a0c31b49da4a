package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Logical messages with the sidecar's prefix, written by another role or another sidecar. */
class ForeignMessagesIT {
    private static final int UNREACHABLE = 4;
    private static final String WRITE =
            "SELECT pg_logical_emit_message(true, 'flameup-sync', m) FROM (VALUES ('beat x'), ('beat'), (''),"
                    + " ('beat 1:2:x other 1'), ('beat 9000000000:9000000000: other 1'), ('passing other 1'),"
                    + " ('fence other 1')) t (m)";

    private static Fixture fixture() throws Exception {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, 3);
        return fixture;
    }

    @Test
    void run_foreignMessages_areIgnored() throws Exception {
        try (Fixture fixture = fixture()) {
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");
            fixture.execute(WRITE, "UPDATE public.users SET phone = '2'");
            fixture.awaitConverged(30);
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(20)).exitCode()).isZero();

            fixture.execute(WRITE, "UPDATE public.users SET phone = '3'");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void stalledRun_markersOfAnotherSidecar_areNoProgress() throws Exception {
        ScheduledExecutorService other = Executors.newSingleThreadScheduledExecutor();
        try (Fixture fixture = fixture()) {
            fixture.standIn().when(request -> true, Behaviour.status(503));
            SyncProcess process = fixture.start("run", "--until-caught-up", "--stall-timeout", "4s");
            process.awaitLog("Catching up", Duration.ofSeconds(60));
            Future<?> unused = other.scheduleWithFixedDelay(() -> write(fixture), 0, 500, TimeUnit.MILLISECONDS);

            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(20));

            assertThat(result.exitCode()).as("%s", result).isEqualTo(UNREACHABLE);
        } finally {
            other.shutdownNow();
        }
    }

    private static void write(Fixture fixture) {
        try {
            fixture.execute("SELECT pg_logical_emit_message(true, 'flameup-sync', 'passing other 1')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
