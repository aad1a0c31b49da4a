package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.AppliedPerson;
import ai.flameup.sync.standin.BatchManner;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests are limited: how many are sent, when, and with how many persons each. */
class BudgetIT {
    private static Fixture fixture(int rows, String... flameup) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        fixture.configure("  workspace: demo\n", "  workspace: demo\n  " + String.join("\n  ", flameup) + "\n");
        return fixture;
    }

    /** Asserts that the job respects the reported budget: a window is exceeded at most once. */
    private static void assertFewRefused(StandIn standIn) {
        assertThat(standIn.requests429())
                .as("requests refused, in windows of %s", standIn.windows())
                .isLessThanOrEqualTo(standIn.windows().size());
    }

    @Test
    void smallBudget_causesBatches() throws Exception {
        try (Fixture fixture = fixture(3_000)) {
            fixture.standIn().budget(120, Duration.ofSeconds(10));

            SyncProcess.Result result = fixture.catchUp();

            fixture.assertConverged();
            assertThat(fixture.standIn().requests()).as("requests").isLessThanOrEqualTo(120);
            assertThat(result.took()).isLessThan(Duration.ofSeconds(25));
            assertThat(fixture.standIn().history().stream().filter(AppliedPerson::batch))
                    .as("persons that came in batches")
                    .hasSizeGreaterThan(2_500);
            assertFewRefused(fixture.standIn());
        }
    }

    @Test
    void largeBudget_isSpentOnSingleUpserts() throws Exception {
        try (Fixture fixture = fixture(500)) {
            Arrivals arrivals = Arrivals.at(fixture.standIn().budget(100_000, Duration.ofSeconds(10)));
            fixture.catchUp();
            fixture.assertConverged();
            assertThat(arrivals.all()).hasSize(500).noneMatch(Arrivals.Arrival::isBatch);
        }
    }

    @Test
    void noBudget_causesOnlySingleUpserts() throws Exception {
        try (Fixture fixture = fixture(3_000)) {
            Arrivals arrivals = Arrivals.at(fixture.standIn());
            fixture.catchUp();
            fixture.assertConverged();
            assertThat(arrivals.all()).hasSize(3_000).noneMatch(Arrivals.Arrival::isBatch);
        }
    }

    @Test
    void limit_changedDuringRun_isFollowed() throws Exception {
        try (Fixture fixture = fixture(400, "batch: never")) {
            fixture.standIn().budget(100, Duration.ofSeconds(1));
            fixture.run();
            fixture.awaitRequests(150, 30);
            fixture.standIn().budget(20, Duration.ofSeconds(1));
            fixture.awaitRequests(220, 30);
            fixture.standIn().budget(200, Duration.ofSeconds(1));

            fixture.awaitConverged(30);
            // The lower limit applies at once, before a response can report it. Up to 64 requests are in flight by
            // then.
            assertThat(fixture.standIn().requests429())
                    .as("refused, in windows of %s", fixture.standIn().windows())
                    .isLessThanOrEqualTo(64 + fixture.standIn().windows().size());
        }
    }

    /** Few requests at a time: each refusal without a retry time makes the pause longer by a random amount. */
    @ParameterizedTest
    @ValueSource(strings = {"Date", "X-RateLimit-Reset", "X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset"})
    void partialBudgetHeaders_loseNothing(String missing) throws Exception {
        try (Fixture fixture = fixture(120, "batch: never", "max-in-flight: 2")) {
            fixture.standIn().without(missing.split(",")).budget(100, Duration.ofSeconds(1));

            fixture.catchUp();

            fixture.assertConverged();
            assertThat(fixture.store().deadLetters()).isEmpty();
            assertThat(fixture.standIn().requests429())
                    .as("refused, in windows of %s", fixture.standIn().windows())
                    .isLessThan(8L * fixture.standIn().windows().size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-60, 60})
    void apiClock_offByHour_isTolerated(int minutes) throws Exception {
        try (Fixture fixture = fixture(80, "batch: never")) {
            fixture.standIn().clockOffset(Duration.ofMinutes(minutes)).budget(20, Duration.ofSeconds(1));

            SyncProcess.Result result = fixture.catchUp();

            fixture.assertConverged();
            assertThat(result.took()).isLessThan(Duration.ofSeconds(20));
            assertFewRefused(fixture.standIn());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BatchManner.class,
            names = {"ABSENT", "NOT_ALLOWED"})
    void missingBatchCall_isTriedOncePerRun(BatchManner manner) throws Exception {
        try (Fixture fixture = fixture(200, "batch: always")) {
            Arrivals arrivals = Arrivals.at(fixture.standIn().batches(manner));
            fixture.run();
            fixture.awaitConverged(60);
            fixture.insertUsers(201, 400);
            fixture.awaitConverged(60);

            assertThat(arrivals.batches()).isEqualTo(1);
            assertThat(fixture.store().deadLetters()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BatchManner.class,
            names = {"ABSENT", "NOT_ALLOWED"})
    void missingBatchCall_spendsBudgetOnSingleUpserts(BatchManner manner) throws Exception {
        try (Fixture fixture = fixture(300)) {
            Arrivals arrivals = Arrivals.at(fixture.standIn().batches(manner).budget(100, Duration.ofSeconds(1)));
            fixture.catchUp();
            fixture.assertConverged();
            assertFewRefused(fixture.standIn());
            // The number of requests in flight before the first response.
            assertThat(arrivals.batches()).isBetween(1L, 5L);
        }
    }

    @Test
    void retryAfter_of429_isRespected() throws Exception {
        try (Fixture fixture = fixture(2_000, "batch: never")) {
            // given 64 requests in flight, all answered late
            Behaviour late = Behaviour.ok().after(Duration.ofMillis(100));
            Arrivals arrivals = Arrivals.at(fixture.standIn());
            AtomicBoolean asked = new AtomicBoolean();
            AtomicInteger before = new AtomicInteger();
            fixture.standIn()
                    .when(
                            request -> request.number() > 500 && asked.compareAndSet(false, true),
                            Behaviour.status(429).header("Retry-After", "2").after(Duration.ofMillis(50)))
                    .when(
                            request -> {
                                before.addAndGet(asked.get() ? 0 : 1);
                                return true;
                            },
                            late);

            // when
            fixture.catchUp();

            // then there is one pause of 2 s soon afterwards, and everything is sent
            fixture.assertConverged();
            assertThat(fixture.standIn().maxInFlight()).isEqualTo(64);
            List<Arrivals.Arrival> all = arrivals.all();
            List<Integer> gaps = IntStream.range(1, all.size())
                    .filter(i -> all.get(i).nanos() - all.get(i - 1).nanos()
                            >= Duration.ofMillis(1_900).toNanos())
                    .boxed()
                    .toList();
            assertThat(gaps).hasSize(1);
            assertThat(gaps.get(0)).isBetween(before.get(), before.get() + 1 + 64);
            assertThat(all).hasSize(2_001);
        }
    }
}
