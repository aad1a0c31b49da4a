package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.update.StateUpdate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table gets another primary key while keys of the former one are in the store. */
class NewPrimaryKeyIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int DONE = 0;
    private static final int ATTENTION = 6;

    private static RowKey key(long id) {
        return RowKey.of(List.of(Long.toString(id)));
    }

    /** Three users, one of them a dead letter; then a deferred row, a paused backfill of rows, and one of all. */
    private static void prepare(Fixture fixture) throws Exception {
        // A row that was read again is then seen at the API.
        fixture.configure(before -> before + "delivery:\n  skip-unchanged: false\n");
        fixture.insertUsers(1, 3);
        fixture.standIn().when(StandIn.about("1"), Behaviour.status(422));
        assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
        fixture.standIn().reset();
        try (StateStore store = StateStore.openShared(fixture.stateDirectory())) {
            store.apply(List.of(new StateUpdate.RereadRequested(key(2))));
            long some = store.backfills()
                    .addKeys(false, pages -> pages.accept(List.of(key(3))), "test")
                    .id();
            store.backfills().pause(some);
        }
        fixture.execute(
                "ALTER TABLE users DROP CONSTRAINT users_pkey", "ALTER TABLE users ADD PRIMARY KEY (id, created_at)");
    }

    @Test
    void storedKeys_areConvertedOrDroppedWithLog() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            prepare(fixture);
            int before = fixture.standIn().history().size();

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isIn(DONE, ATTENTION);
            BadInputIT.assertNoStackTrace(result);
            assertThat(result.err()).contains("primary key");
            assertThat(fixture.standIn().history().stream().skip(before))
                    .anySatisfy(call -> assertThat(call.userId()).isEqualTo("2"));
            SyncProcess.Result retry =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(LIMIT);
            assertThat(retry.out()).as("%s", retry).contains("1 delivered");
            assertThat(fixture.store().deferred()).isZero();
            fixture.assertConverged();
        }
    }

    @Test
    void resync_afterNewKey_sendsEveryRow() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            prepare(fixture);

            SyncProcess.Result resync = fixture.start("resync", "--yes").awaitExit(LIMIT);

            assertThat(resync.exitCode()).as("%s", resync).isIn(DONE, ATTENTION);
            BadInputIT.assertNoStackTrace(resync);
            SyncProcess.Result result = fixture.untilCaughtUp();
            assertThat(result.exitCode()).as("%s", result).isIn(DONE, ATTENTION);
            assertThat(fixture.store().deferred()).isZero();
            assertThat(fixture.store().deadLetters()).isEmpty();
            fixture.assertConverged();
        }
    }

    @Test
    void keyChangesBesideARun_rowsAreReadByTheNewKey() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);
            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");

            fixture.execute(
                    "ALTER TABLE users DROP CONSTRAINT users_pkey",
                    "ALTER TABLE users ADD PRIMARY KEY (id, created_at)");
            SyncProcess.Result backfill =
                    fixture.start("backfill", "start", "--all").awaitExit(LIMIT);

            assertThat(backfill.exitCode()).as("%s\n%s", backfill, run).isZero();
            assertThat(backfill.out()).contains("3 rows read");
        }
    }
}
