package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.BatchManner;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A row that the API does not accept delays no other row. */
class PoisonIT {
    private static final int ATTENTION = 6;
    private static final int REJECTED = 9;
    private static final int ROWS = 10_000;
    private static final String POISON = "7777";

    /** How the persons go. */
    enum Calls {
        SINGLE,
        IN_BATCHES
    }

    private static Fixture fixture(Calls calls) {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.standIn().keepHistory(false);
        if (calls == Calls.IN_BATCHES) {
            fixture.standIn().budget(40, Duration.ofSeconds(1));
        }
        return fixture;
    }

    private static void assertOneDeadLetter(Fixture fixture, String status) throws SQLException {
        assertThat(fixture.store().deadLetters()).singleElement().satisfies(letter -> assertThat(letter)
                .containsEntry("user_id", POISON)
                .containsEntry("status", status));
    }

    /** All but the poison, and that not. */
    private static void assertTheRestWasDelivered(Fixture fixture, int rows) {
        Set<String> missing = new HashSet<>();
        for (int id = 1; id <= rows; id++) {
            missing.add(Integer.toString(id));
        }
        fixture.standIn().persons().forEach(person -> missing.remove(person.externalId()));
        assertThat(missing).containsExactly(POISON);
    }

    @Test
    void refusedRow_isParkedWithoutExtraCall() throws Exception {
        try (Fixture fixture = fixture(Calls.SINGLE)) {
            fixture.insertUsers(1, ROWS);
            fixture.standIn().when(StandIn.about(POISON), Behaviour.status(422));

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertOneDeadLetter(fixture, "422");
            assertTheRestWasDelivered(fixture, ROWS);
            assertThat(fixture.standIn().requests()).isEqualTo(ROWS);
        }
    }

    @Test
    void refusedBatch_isHalvedUntilRowIsFound() throws Exception {
        try (Fixture fixture = fixture(Calls.IN_BATCHES)) {
            fixture.insertUsers(1, ROWS);
            fixture.standIn().when(StandIn.about(POISON), Behaviour.status(422));

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertOneDeadLetter(fixture, "422");
            assertTheRestWasDelivered(fixture, ROWS);
            // A hundred full batches, the first calls while no budget is known, and twice seven for the halves.
            assertThat(fixture.standIn().requests()).isLessThan(250);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BatchManner.class,
            names = {"ATOMIC", "PARTIAL"})
    void overlongAddress_isSentAlone(BatchManner manner) throws Exception {
        try (Fixture fixture = fixture(Calls.IN_BATCHES)) {
            fixture.insertUsers(1, ROWS);
            fixture.execute("UPDATE public.users SET email = repeat('x', 250) || '@example.com' WHERE id = " + POISON);
            Arrivals arrivals = Arrivals.at(fixture.standIn().batches(manner));

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertOneDeadLetter(fixture, "422");
            assertTheRestWasDelivered(fixture, ROWS);
            assertThat(arrivals.all().stream()
                            .filter(arrival -> arrival.request().userIds().contains(POISON)))
                    .singleElement()
                    .matches(arrival -> !arrival.isBatch());
        }
    }

    @Test
    void personMissingInBatchResponse_isRetriedAlone() throws Exception {
        try (Fixture fixture = fixture(Calls.IN_BATCHES)) {
            // given a batch response that names only one other person, although all are applied
            fixture.insertUsers(1, ROWS);
            fixture.standIn()
                    .when(
                            request -> request.path().endsWith("/batch")
                                    && request.userIds().contains(POISON),
                            Behaviour.ok().body("{\"people\": [{\"external_id\": \"7776\"}]}"))
                    .when(StandIn.about(POISON), Behaviour.status(422));

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(ATTENTION);
            assertOneDeadLetter(fixture, "422");
            assertThat(fixture.standIn().personCount()).isEqualTo(ROWS);
            // Each of the others in its batch, which may be any size.
            assertThat(fixture.standIn().requests()).isBetween(ROWS / 100 + 2L, 350L);
        }
    }

    @Test
    void mappingRefusedForAll_haltsBeforeParkingTable() throws Exception {
        try (Fixture fixture = fixture(Calls.SINGLE)) {
            // given
            fixture.insertUsers(1, 1_000);
            fixture.standIn().when(request -> true, Behaviour.status(422));

            // when a finite run ends, and a continuous run halts
            SyncProcess.Result result = fixture.untilCaughtUp();
            assertThat(result.exitCode()).as("%s", result).isEqualTo(REJECTED);
            BadInputIT.assertNoStackTrace(result);
            assertThat(fixture.store().deadLetters()).hasSizeLessThan(100);
            SyncProcess process = fixture.fork("run");
            process.awaitLog("Halted: .*refuses too many", Duration.ofSeconds(30));
            assertThat(fixture.store().deadLetters()).hasSizeLessThan(200);

            // then, once the cause is fixed, every person is delivered or listed; a row that is read again is no longer
            // listed
            fixture.standIn().reset();
            process.hup();
            Eventually.within(
                    60,
                    "everybody",
                    () -> fixture.standIn().personCount()
                                    + fixture.store().deadLetters().size()
                            >= 1_000);
            process.term();
            assertThat(process.awaitExit(Duration.ofSeconds(10)).exitCode()).isZero();
            assertThat(fixture.standIn().personCount()
                            + fixture.store().deadLetters().size())
                    .isEqualTo(1_000);
        }
    }

    @Test
    void brokenMapping_repeatedRuns_parkNoMore() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 400);
            fixture.standIn().when(request -> true, Behaviour.status(422));
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(9);
            int parked = fixture.store().deadLetters().size();

            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(9);
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(9);
            assertThat(fixture.store().deadLetters()).hasSize(parked);

            fixture.standIn().reset();
            assertThat(fixture.untilCaughtUp().exitCode()).isZero();
            assertThat(fixture.standIn().persons().size()
                            + fixture.store().deadLetters().size())
                    .isEqualTo(400);
        }
    }
}
