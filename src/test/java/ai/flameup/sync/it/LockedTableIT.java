package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A figure that is only for information is left out if another session has locked the table. */
class LockedTableIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void allRows_areRequestedWithoutTheirNumber() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);
            fixture.catchUp();
            try (Connection migration = fixture.connect();
                    Statement statement = migration.createStatement()) {
                migration.setAutoCommit(false);
                statement.execute("LOCK TABLE public.users");

                SyncProcess.Result dry =
                        fixture.start("backfill", "start", "--all", "--dry-run").awaitExit(LIMIT);
                assertThat(dry.exitCode()).as("%s", dry).isZero();
                assertThat(dry.out()).contains("Rows: unknown").doesNotContain("Minutes");
                SyncProcess.Result json = fixture.start("backfill", "start", "--all", "--dry-run", "--json")
                        .awaitExit(LIMIT);
                assertThat(json.out().replaceAll("\\s", "")).contains("\"rows\":null", "\"minutes_singly\":null");

                SyncProcess.Result asked =
                        fixture.start("backfill", "start", "--all", "--detach").awaitExit(LIMIT);
                assertThat(asked.exitCode()).as("%s", asked).isZero();
            }
            fixture.catchUp();
            assertThat(fixture.standIn().requests()).isEqualTo(6);
        }
    }
}
