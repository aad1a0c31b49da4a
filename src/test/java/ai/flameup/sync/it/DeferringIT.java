package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.state.StateStore;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Changes that cannot be sent in time are replaced by the keys of their rows, and newer changes go first. */
class DeferringIT {
    private static final int IMPORTED = 20_000;

    private static Fixture fixture() {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.configure("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n");
        return fixture;
    }

    private static String imported(int first, int count) {
        return "INSERT INTO public.users (id, email, first_name, created_at)"
                + " SELECT i, 'user' || i || '@example.com', 'first' || i, now() FROM generate_series(%d, %d) AS i"
                        .formatted(first, first + count - 1);
    }

    @Test
    void import_inOneTransaction_doesNotHoldBackASignUp() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            fixture.standIn().budget(120, Duration.ofSeconds(10));
            SyncProcess process = fixture.fork("run");
            fixture.execute(imported(1_000, IMPORTED));
            fixture.awaitRequests(fixture.standIn().requests() + 60, 60);

            // when a user signs up behind it
            fixture.execute(imported(500_000, 1));

            // then the person is there long before the import, whose keys are in the store
            Eventually.within(20, "the user who signed up", () -> fixture.standIn().persons().stream()
                    .anyMatch(person -> "500000".equals(person.externalId())));
            assertThat(fixture.standIn().personCount()).isLessThan(IMPORTED);
            try (StateStore store = StateStore.openShared(fixture.stateDirectory())) {
                assertThat(store.deferredChanges().summary().keys()).isPositive();
            }

            // and a deleted person whose row may have been read before is not forgotten yet
            int last = 1_000 + IMPORTED - 1;
            fixture.execute("DELETE FROM public.users WHERE id = " + last);
            SyncProcess.Result forget =
                    fixture.start("forget", "" + last, "--yes").awaitExit(Duration.ofSeconds(60));
            assertThat(forget.exitCode()).as("%s", forget).isEqualTo(6);
            assertThat(forget.err()).contains("a change of user " + last + " was deferred");
            process.kill9();

            // and the next process continues from the keys
            fixture.standIn().noBudget();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    private static long retained(Fixture fixture) throws SQLException {
        return Long.parseLong(fixture.value("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint"
                + " FROM pg_replication_slots WHERE slot_name = '" + fixture.slot() + "'"));
    }

    /** Changes that cannot be sent are deferred, so that an outage of the API does not fill the server's disk. */
    @Test
    void outageOfTheApi_doesNotRetainWal() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("  table: public.users\n", "  table: public.users\n  max-retained-wal: 64MB\n");
            fixture.insertUsers(1, 30);
            SyncProcess process = fixture.run();
            fixture.awaitConverged(60);

            // when nothing is delivered while more and more is written
            fixture.standIn().when(request -> true, Behaviour.status(503));
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.value("SELECT count(pg_logical_emit_message(false, 'elsewhere', repeat('x', 1048576)))"
                    + " FROM generate_series(1, 45)");
            process.awaitLog("Half of postgres.max-retained-wal is retained for changes", Duration.ofSeconds(60));

            // then the slot releases it all the same
            Eventually.within(60, "little is retained", () -> retained(fixture) < 32L << 20);

            // and what was deferred is sent once the API is back
            fixture.standIn().reset();
            fixture.awaitConverged(60);
            process.awaitLog("No change is deferred any more", Duration.ofSeconds(60));
        }
    }
}
