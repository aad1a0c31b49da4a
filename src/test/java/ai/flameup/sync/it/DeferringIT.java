package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.state.StateStore;
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
            process.kill9();

            // and the next process continues from the keys
            fixture.standIn().noBudget();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }
}
