package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where nothing has changed there is little to do. */
class IdleIT {
    /** Loose, for machines shared with others; the real bar of 3 s is checked by hand. */
    private static final Duration SOON = Duration.ofSeconds(10);

    @ParameterizedTest
    @MethodSource("ai.flameup.sync.it.PostgresServer#versions")
    void idleRun_catchesUpAndAdvancesSlot(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            // given a table that was delivered
            fixture.insertUsers(1, 100);
            fixture.catchUp();
            long requests = fixture.standIn().requests();
            assertThat(requests).isEqualTo(100);

            // when nothing happens
            SyncProcess.Result idle = fixture.catchUp();
            assertThat(idle.took()).isLessThan(SOON);
            assertThat(fixture.standIn().requests()).isEqualTo(requests);

            // and when only other tables are written
            fixture.execute("CREATE TABLE public.other (a text)");
            String before = fixture.value("SELECT pg_current_wal_lsn()");
            for (int i = 0; i < 5; i++) {
                fixture.execute("INSERT INTO public.other SELECT md5(i::text) FROM generate_series(1, 20000) i");
            }
            SyncProcess.Result others = fixture.catchUp();

            // then nothing is sent, and the slot releases that WAL
            assertThat(others.took()).isLessThan(SOON);
            assertThat(fixture.standIn().requests()).isEqualTo(requests);
            assertThat(fixture.value(
                            "SELECT pg_wal_lsn_diff('" + fixture.confirmed() + "', '" + before + "') > 1000000"))
                    .as("confirmed_flush_lsn has moved past what was written to other tables")
                    .isEqualTo("t");
        }
    }
}
