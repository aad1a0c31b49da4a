package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A table is loaded while it changes. */
class FirstLoadIT {
    private static final int ROWS = 20_000;

    @ParameterizedTest
    @MethodSource("ai.flameup.sync.it.PostgresServer#versions")
    void firstLoad_ofChangingTable_converges(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            // given a table that changes all the time
            fixture.insertUsers(1, ROWS);
            SyncProcess.Result first;
            List<AppliedPerson> history;
            try (Workload workload = Workload.start(fixture, 2, ROWS)) {
                // when it is loaded
                first = fixture.untilCaughtUp();
                history = fixture.standIn().history();
                workload.stop();
                assertThat(workload.transactions()).as("transactions meanwhile").isGreaterThan(20);
            }

            // then the run succeeds, and no person's state went back
            assertThat(first.exitCode()).as("%s", first).isZero();
            Fixture.assertNeverBackwards(history);
            assertThat(history.stream().map(AppliedPerson::userId).distinct().count())
                    .as("persons loaded, but for rows deleted before they were read")
                    .isGreaterThan(ROWS - 5_000);

            // and with the changes committed since the start, every person equals its row
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
