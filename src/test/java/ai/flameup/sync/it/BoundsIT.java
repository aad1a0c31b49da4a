package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Memory is bounded for every load, in the launcher's small default heap. */
@EnabledOnOs(OS.LINUX)
class BoundsIT {
    private static final long MOST_KILOBYTES = 300 << 10;

    /** A transaction changes each of them five times. */
    private static final int USERS = PostgresServer.NIGHTLY ? 200_000 : 40_000;

    /** Several times what the queue holds. */
    private static final int ROWS = PostgresServer.NIGHTLY ? 200_000 : 60_000;

    private static Fixture fixture() {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.standIn().keepHistory(false);
        return fixture;
    }

    private static void assertBounded(SyncProcess process) throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"));
        long most = status.stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
        System.out.println("VmHWM: " + (most >> 10) + " MB");
        assertThat(most).as("the most that was ever resident, in kB").isLessThan(MOST_KILOBYTES);
    }

    private static void awaitConfirmed(Fixture fixture, String end, int seconds) {
        Eventually.within(seconds, "the position", () -> fixture.value(
                        "SELECT '" + fixture.confirmed() + "'::pg_lsn >= '" + end + "'")
                .equals("t"));
    }

    private static String end(Fixture fixture) throws SQLException {
        return fixture.value("SELECT pg_current_wal_insert_lsn()");
    }

    @Test
    void largeTransaction_staysWithinBounds() throws Exception {
        try (Fixture fixture = fixture()) {
            // given many users, known by now, and a run that sends them in batches
            fixture.configure("  workspace: demo\n", "  workspace: demo\n  batch: always\n");
            fixture.execute("INSERT INTO public.users (id, email, phone)"
                    + " SELECT i, 'user' || i || '@example.com', '1' FROM generate_series(1, " + USERS + ") i");
            SyncProcess process = fixture.fork("run");
            Eventually.within(120, "the first load", () -> fixture.standIn().personCount() == USERS);

            // when one transaction updates every row five times, one full pass after the other
            fixture.execute("DO $$ BEGIN FOR version IN 2..6 LOOP"
                    + " UPDATE public.users SET phone = version::text; END LOOP; END $$");

            // then
            awaitConfirmed(fixture, end(fixture), 150);
            fixture.awaitConverged(150);
            assertBounded(process);
        }
    }

    @Test
    void apiOutage_duringLoad_staysWithinBounds() throws Exception {
        try (Fixture fixture = fixture()) {
            // given a run that has started, and an API that is unavailable
            fixture.insertUsers(1, 10);
            SyncProcess process = fixture.fork("run");
            fixture.awaitConverged(60);
            fixture.standIn().when(request -> true, Behaviour.status(503));

            // when the table is filled and changed during the outage
            fixture.insertUsers(11, ROWS);
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id % 3 = 0");
            String end = end(fixture);
            process.awaitLog("Flameup is not responding", Duration.ofSeconds(60));
            Eventually.within(60, "probes", () -> fixture.standIn().requests() >= 18);

            // then everything is sent once the API is available again
            fixture.standIn().reset();
            awaitConfirmed(fixture, end, 150);
            fixture.awaitConverged(150);
            assertBounded(process);
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }

    @Test
    void apiUnreachable_duringFirstLoad_staysWithinBounds() throws Exception {
        try (Fixture fixture = fixture()) {
            // given
            int port = EmbeddedServer.freePort();
            fixture.insertUsers(1, ROWS);
            fixture.configure(fixture.standIn().baseUrl().toString(), "http://127.0.0.1:" + port);
            SyncProcess process = fixture.fork("run");
            process.awaitLog("Flameup is not responding", Duration.ofSeconds(60));

            // when the API starts
            try (StandIn late = StandIn.start(port).keepHistory(false)) {
                // then
                Eventually.within(150, "everybody", () -> late.personCount() == ROWS);
                assertBounded(process);
            }
        }
    }
}
