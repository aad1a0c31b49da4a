package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A slot that was made by hand, a change, and only then the publication: the change can't be decoded. */
class PublicationAfterSlotIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void emptyStore_slotIsMadeAgain(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.insertUsers(1, 3);
            fixture.value(
                    "SELECT lsn FROM pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(fixture.slot()));
            String begin = fixture.confirmed();
            fixture.execute("UPDATE public.users SET phone = '2'");

            SyncProcess.Result setup = fixture.start("setup").awaitExit(LIMIT);
            assertThat(setup.exitCode()).as("%s", setup).isZero();
            assertThat(setup.out()).contains("older than the publication").doesNotContain("is there, and right\n");

            Doctor.look(fixture).says("slot", "ok", "older than the publication", "makes it again");

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
