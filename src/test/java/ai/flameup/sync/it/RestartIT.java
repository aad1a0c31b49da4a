package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Postgres stops and restarts, and the process ends on request. */
@Execution(ExecutionMode.CONCURRENT)
class RestartIT {
    @Test
    void postgresRestart_isSurvived() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = new Fixture(server)) {
            assumeThat(server.canStop()).isTrue();
            // given a process in step
            fixture.insertUsers(1, 100);
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);

            // when the server is restarted under it
            server.stop();
            server.start();
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.insertUsers(101, 200);

            // then the changes after it go through by themselves
            fixture.awaitConverged(120);
            assertThat(process.isAlive()).isTrue();
            Fixture.assertNeverBackwards(fixture.standIn().history());

            // and it ends on request, with nothing left to send once the stream's position is known
            String end = fixture.value("SELECT pg_current_wal_lsn()");
            Eventually.within(20, "the last change is acknowledged to the slot", () -> fixture.value(
                            "SELECT confirmed_flush_lsn >= '%s'::pg_lsn FROM pg_replication_slots WHERE slot_name = '%s'"
                                    .formatted(end, fixture.slot()))
                    .equals("t"));
            process.term();
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(10));
            assertThat(result.exitCode()).as("%s", result).isZero();
            long requests = fixture.standIn().requests();
            fixture.catchUp();
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
        }
    }

    @Test
    void unreachablePostgres_waitsOnlyAfterFirstStart() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = new Fixture(server)) {
            assumeThat(server.canStop()).isTrue();
            fixture.insertUsers(1, 10);

            // given a server that is not there
            server.stop();
            SyncProcess.Result never = fixture.run().awaitExit(Duration.ofSeconds(60));
            assertThat(never.exitCode()).as("%s", never).isEqualTo(3);
            server.start();
            fixture.catchUp();
            server.stop();

            // when an established job starts, possibly before its server: an outage that ends without an operator
            SyncProcess process = fixture.run();
            process.awaitLog("WARN .*Postgres: connecting to .*every few seconds", Duration.ofSeconds(60));
            fixture.awaitState("outage");
            assertThat(fixture.status().path("ready").asBoolean()).isFalse();
            server.start();
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitConverged(30);
            assertThat(process.err()).doesNotContain("Halted");
            process.term();
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(10));
            assertThat(result.exitCode()).as("%s", result).isZero();
        }
    }

    /** No connection breaks, but the server does not answer. */
    @Test
    void cutConnection_isOutage() throws Exception {
        PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
        try (Wire wire = new Wire(server.host(), server.port());
                Fixture fixture = new Fixture(server)) {
            fixture.insertUsers(1, 10);
            fixture.configure(server.host() + ":" + server.port(), "127.0.0.1:" + wire.port());
            SyncProcess process = fixture.run();
            fixture.awaitState("in_step");

            wire.cut();
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitState("outage");
            assertThat(fixture.status().path("reason").asText()).startsWith("Postgres: ");
            process.awaitLog("WARN .*every few seconds", Duration.ofSeconds(10));
            Eventually.within(60, "unknown retained WAL", () -> fixture.status()
                    .path("retained_wal_bytes")
                    .isNull());

            wire.restore();
            fixture.awaitConverged(60);
            fixture.awaitState("in_step");

            wire.cut();
            fixture.awaitState("outage");
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(12)).exitCode()).isZero();
        }
    }

    @Test
    void sigterm_duringWork_exitsZero_losesNothing() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 5_000);
            fixture.standIn()
                    .when(
                            request -> true,
                            ai.flameup.sync.standin.Behaviour.ok().after(Duration.ofMillis(20)));
            SyncProcess process = fixture.run();
            fixture.awaitRequests(1_000, 60);

            process.term();
            SyncProcess.Result result = process.awaitExit(Duration.ofSeconds(10));

            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(fixture.standIn().persons().size()).isLessThan(5_000);
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
