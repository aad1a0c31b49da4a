package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Deferred rows, retried dead letters and backfills share the delivery fairly. */
class TurnsIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int SECONDS = 30;
    private static final int ROWS = 1_001;

    @Test
    void frequentlyChangedRow_delaysNeitherBackfillNorRetry() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure("    phone: phone\n", "    phone: phone\n    twice: twice\n");
            fixture.execute("ALTER TABLE users ADD twice text GENERATED ALWAYS AS (phone || phone) STORED");
            fixture.insertUsers(1, ROWS);
            fixture.standIn().keepHistory(false).when(StandIn.about("1"), Behaviour.status(422));
            SyncProcess process = fixture.run();
            Eventually.within(
                    60,
                    "the first load",
                    () -> fixture.standIn().personCount() == ROWS - 1
                            && fixture.store().deadLetters().size() == 1);
            fixture.standIn().reset();

            // when there is always a row to be read again
            Thread writer = new Thread(() -> write(fixture, stop));
            writer.start();
            Eventually.within(
                    SECONDS, "rows to be read again", () -> fixture.store().deferred() > 0);

            // then a retry and a backfill end
            SyncProcess retry = fixture.start("dead-letters", "retry", "--all");
            SyncProcess backfill = fixture.start("backfill", "start", "--where", "id <= 1000");
            try {
                Eventually.within(SECONDS, "the retry", () -> fixture.store()
                        .deadLetters()
                        .isEmpty());
                Eventually.within(SECONDS, "the backfill", () -> fixture.store()
                        .query("SELECT count(*) AS n FROM backfill WHERE kind = 'WHERE' AND state = 'DONE'")
                        .get(0)
                        .get("n")
                        .equals("1"));
            } finally {
                stop.set(true);
                writer.join();
            }
            assertThat(retry.awaitExit(LIMIT).exitCode()).isZero();
            assertThat(backfill.awaitExit(LIMIT).exitCode()).isZero();
            assertThat(process.isAlive()).isTrue();
        }
    }

    private static void write(Fixture fixture, AtomicBoolean stop) {
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; !stop.get(); i++) {
                statement.execute("UPDATE users SET phone = '%d' WHERE id = 1001; SELECT pg_sleep(0.001)".formatted(i));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
