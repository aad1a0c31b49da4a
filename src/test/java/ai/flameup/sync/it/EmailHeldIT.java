package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A person takes an address that another still holds at Flameup, and no queued request releases it. */
class EmailHeldIT {
    private static final int ATTENTION = 6;
    private static final String GONE = "DELETE FROM public.users WHERE id = 1";
    private static final String NULLED = "UPDATE public.users SET email = NULL WHERE id = 1";
    private static final String TAKER =
            "INSERT INTO public.users (id, email, phone) VALUES (4, 'User1@example.com', '1')";

    private static Fixture inStep(String onEmailHeld) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, 3);
        fixture.configure("  email: email\n", "  email: email\n  on-email-held: " + onEmailHeld + "\n");
        fixture.catchUp();
        return fixture;
    }

    @ParameterizedTest
    @ValueSource(strings = {GONE, NULLED})
    void heldEmail_isSent(String left) throws Exception {
        try (Fixture fixture = inStep("send")) {
            fixture.execute(left, TAKER);

            fixture.catchUp();

            assertThat(fixture.store().deadLetters()).isEmpty();
            assertThat(fixture.standIn().persons())
                    .filteredOn(person -> "User1@example.com".equals(person.email()))
                    .extracting(StoredPerson::externalId)
                    .contains("4");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {GONE, NULLED})
    void heldEmail_isParkedUntilChanged(String left) throws Exception {
        try (Fixture fixture = inStep("park")) {
            fixture.execute(left, TAKER);

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters()).singleElement().satisfies(letter -> assertThat(letter)
                    .containsEntry("user_id", "4")
                    .hasEntrySatisfying("reason", reason -> assertThat(reason).contains("user 1")));
            assertThat(fixture.store().content()).doesNotContainIgnoringCase("user1@example.com");
            assertThat(fixture.standIn().persons())
                    .extracting(StoredPerson::externalId)
                    .containsExactlyInAnyOrder("1", "2", "3");

            // and a free address settles it
            fixture.execute("UPDATE public.users SET email = 'free@example.com' WHERE id = 4");
            fixture.catchUp();
            fixture.assertConverged();
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }

    @Test
    void heldEmail_releaseQueuedOrDelivered_isNotParked() throws Exception {
        try (Fixture fixture = inStep("park")) {
            fixture.execute("UPDATE public.users SET email = 'moved@example.com' WHERE id = 1", TAKER);
            fixture.catchUp();
            fixture.assertConverged();

            // and in the runs after it
            fixture.execute("UPDATE public.users SET email = 'moved4@example.com' WHERE id = 4");
            fixture.catchUp();
            fixture.execute("INSERT INTO public.users (id, email, phone) VALUES (5, 'user1@example.com', '1')");
            fixture.catchUp();
            fixture.assertConverged();
            AddressOrder.assertKept(fixture.standIn().history());
            assertThat(fixture.standIn().persons()).hasSize(5);
        }
    }

    @Test
    void swap_isParkedOnBothSides_untilAThirdAddressBreaksIt() throws Exception {
        try (Fixture fixture = inStep("park")) {
            fixture.execute(
                    "ALTER TABLE public.users DROP CONSTRAINT users_email_key",
                    "ALTER TABLE public.users ADD UNIQUE (email) DEFERRABLE",
                    "UPDATE public.users SET email = 'user' || 3 - id || '@example.com' WHERE id IN (1, 2)");
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
            assertThat(fixture.store().deadLetters()).hasSize(2);

            // as delivery.md says
            fixture.execute("UPDATE public.users SET email = 'third@example.com' WHERE id = 1");
            fixture.catchUp();
            assertThat(fixture.store().deadLetters()).singleElement().satisfies(letter -> assertThat(letter)
                    .containsEntry("user_id", "2"));
            SyncProcess.Result retry =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(Duration.ofMinutes(1));
            assertThat(retry.exitCode()).as("%s", retry).isZero();
            fixture.execute("UPDATE public.users SET email = 'user2@example.com' WHERE id = 1");
            fixture.catchUp();

            fixture.assertConverged();
            assertThat(fixture.store().deadLetters()).isEmpty();
            AddressOrder.assertKept(fixture.standIn().history());
        }
    }
}
