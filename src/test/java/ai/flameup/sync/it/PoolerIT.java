package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pooler instead of the server is reported before anything is created, and ends a run without retries. */
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

    private static Relay pooler(Fixture fixture, boolean refuses) throws IOException {
        return refuses ? Relay.pooler(fixture.server()) : Relay.poolerThatIgnores(fixture.server());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pooler_beforeTheFirstStart_isNamedAndNothingIsMade(boolean refuses) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                Relay pooler = pooler(fixture, refuses)) {
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pooler_afterAFirstRun_endsResyncAndRunAndDropsNothing(boolean refuses) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                Relay pooler = pooler(fixture, refuses)) {
            fixture.insertUsers(1, 3);
            fixture.catchUp();
            fixture.awaitReleased();
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
