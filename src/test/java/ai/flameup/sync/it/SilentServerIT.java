package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server whose processes are suspended: connections stay open without a response. It does not delay the end of a run. */
class SilentServerIT {
    private static final int TRY_LATER = 75;
    /** A container is killed 10 s after SIGTERM. */
    private static final Duration LIMIT = Duration.ofSeconds(9);

    private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
    private Wire wire;

    @BeforeEach
    void wire() throws Exception {
        wire = new Wire(fixture.server().host(), fixture.server().port());
        fixture.configure(fixture.server().host() + ":" + fixture.server().port(), "127.0.0.1:" + wire.port());
        fixture.insertUsers(1, 3);
    }

    @AfterEach
    void close() throws Exception {
        wire.close();
        fixture.close();
    }

    private static void assertEnds(SyncProcess process, Duration limit, int exitCode) {
        SyncProcess.Result result = process.awaitExit(limit);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        BadInputIT.assertNoStackTrace(result);
    }

    @Test
    void runThatConnects_isTerminated_endsInTime() throws Exception {
        fixture.catchUp();
        wire.cut();
        SyncProcess process = fixture.run();

        process.term();

        assertEnds(process, LIMIT, 0);
    }

    @Test
    void finiteRun_endsNearItsDeadline() throws Exception {
        fixture.catchUp();
        wire.cut();

        SyncProcess process = fixture.start("run", "--until-caught-up", "--deadline", "1s");

        assertEnds(process, Duration.ofSeconds(4), TRY_LATER);
    }

    @Test
    void finiteRunBeforeTheFirstStart_endsNearItsDeadline() throws Exception {
        wire.cut();

        SyncProcess process = fixture.start("run", "--until-caught-up", "--deadline", "1s");

        assertEnds(process, Duration.ofSeconds(4), TRY_LATER);
    }
}
