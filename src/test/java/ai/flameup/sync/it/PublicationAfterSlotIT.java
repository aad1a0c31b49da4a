package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A slot created by hand, then a change, and then the publication: the change cannot be decoded. */
class PublicationAfterSlotIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int GAP = 7;

    private static void makeSlot(Fixture fixture) throws SQLException {
        fixture.value("SELECT lsn FROM pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(fixture.slot()));
    }

    @Test
    void emptyStore_withoutAFirstLoad_isRefusedAndKeepsTheSlot() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure("state:\n", "delivery:\n  first-load: none\nstate:\n");
            fixture.insertUsers(1, 3);
            makeSlot(fixture);
            String begin = fixture.confirmed();
            fixture.execute(
                    "UPDATE public.users SET phone = '2'",
                    "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");

            SyncProcess.Result run = fixture.untilCaughtUp();

            assertThat(run.exitCode()).as("%s", run).isEqualTo(GAP);
            assertThat(run.err()).contains("is older than the publication", "first-load: none", "teardown --slot-only");
            assertThat(fixture.confirmed()).isEqualTo(begin);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void emptyStore_slotIsMadeAgain(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.insertUsers(1, 3);
            makeSlot(fixture);
            String begin = fixture.confirmed();
            fixture.execute("UPDATE public.users SET phone = '2'");

            SyncProcess.Result setup = fixture.start("setup").awaitExit(LIMIT);
            assertThat(setup.exitCode()).as("%s", setup).isZero();
            assertThat(setup.out()).contains("older than the publication").doesNotContain("exists and matches\n");

            Doctor.look(fixture).says("slot", "ok", "older than the publication", "recreates the slot");

            SyncProcess.Result run = fixture.catchUp();
            assertThat(run.err()).contains("older than the publication");
            assertThat(fixture.confirmed()).isNotEqualTo(begin);
            fixture.assertConverged();
            assertThat(Doctor.look(fixture).troubles("slot")).isEmpty();
            fixture.execute("UPDATE public.users SET phone = '3'");
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
