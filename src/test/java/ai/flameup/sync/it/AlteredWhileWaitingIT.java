package ai.flameup.sync.it;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.postgresql.replication.PGReplicationStream;

/** The table is altered after a run has read its columns, while the run waits for the slot. */
class AlteredWhileWaitingIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void mappedColumnIsDropped_runHaltsWithoutAChange() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            SyncProcess process;
            try (Connection other = LockIT.replication(fixture);
                    PGReplicationStream stream = LockIT.hold(fixture, other)) {
                CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> LockIT.read(stream));
                process = fixture.run();
                process.awaitLog("is still in use", SOON);

                fixture.execute("ALTER TABLE public.users DROP COLUMN phone");
            }

            process.awaitLog("Halted: .*mapping.traits.phone: the table has no column phone", SOON);
        }
    }
}
