package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A pooler in the place of the server is named before anything is made, and ends a run instead of being waited for. */
class PoolerIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static String made(Fixture fixture) throws SQLException {
        return fixture.value("SELECT (SELECT count(*) FROM pg_publication) || ' ' || (SELECT count(*)"
                + " FROM pg_replication_slots WHERE database = current_database())");
    }

    private static void throughPooler(Fixture fixture, Relay pooler) {
        fixture.configure(":" + fixture.server().port() + "/", ":" + pooler.port() + "/");
    }

    private static void assertNamesPooler(SyncProcess.Result result) {
        assertThat(result.exitCode()).as("%s", result).isEqualTo(3);
        assertThat(result.err()).contains("PgBouncer", "postgres.url");
        BadInputIT.assertNoStackTrace(result);
    }

    @Test
    void pooler_beforeTheFirstStart_isNamedAndNothingIsMade() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                Relay pooler = Relay.pooler(fixture.server())) {
            fixture.insertUsers(1, 3);
            throughPooler(fixture, pooler);

            assertNamesPooler(fixture.start("setup").awaitExit(LIMIT));
            assertThat(made(fixture)).isEqualTo("0 0");
            assertNamesPooler(fixture.start("run").awaitExit(LIMIT));
            assertThat(made(fixture)).isEqualTo("0 0");
            assertThat(fixture.stateDirectory()).doesNotExist();
            Doctor.look(fixture).exits(3).says("stream", "failed", "PgBouncer");
        }
    }

    @Test
    void pooler_afterAFirstRun_endsResyncAndRunAndDropsNothing() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                Relay pooler = Relay.pooler(fixture.server())) {
            fixture.insertUsers(1, 3);
            fixture.catchUp();
            String confirmed = fixture.confirmed();
            fixture.execute("UPDATE public.users SET phone = '2'");
            throughPooler(fixture, pooler);

            assertNamesPooler(fixture.untilCaughtUp());
            assertThat(fixture.confirmed()).isEqualTo(confirmed);
            assertNamesPooler(fixture.start("resync", "--yes").awaitExit(LIMIT));
            assertThat(fixture.confirmed()).isEqualTo(confirmed);
        }
    }
}
