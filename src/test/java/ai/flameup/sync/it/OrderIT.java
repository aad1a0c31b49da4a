package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.AppliedPerson;
import ai.flameup.sync.standin.BatchOrder;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API finds a person by user id or address, so an address is taken only after its release. */
class OrderIT {
    private static Fixture fixture(String identity) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.execute("ALTER TABLE public.users REPLICA IDENTITY " + identity);
        return fixture;
    }

    private static String move(long id, String address) {
        return "UPDATE public.users SET email = '%s', phone = (phone::bigint + 1)::text WHERE id = %d"
                .formatted(address, id);
    }

    private static String join(long id, String address) {
        return "INSERT INTO public.users (id, email, phone) VALUES (%d, '%s', '1')".formatted(id, address);
    }

    private static String address(long id) {
        return "user" + id + "@example.com";
    }

    private static void assertNoPersonsMerged(Fixture fixture) throws SQLException {
        fixture.assertConverged();
        assertThat(fixture.standIn().persons())
                .extracting(StoredPerson::email)
                .doesNotHaveDuplicates()
                .hasSize(Integer.parseInt(fixture.value("SELECT count(*) FROM public.users")));
        AddressOrder.assertKept(fixture.standIn().history());
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL"})
    void address_isTakenAfterReleaseIsAnswered(String identity) throws Exception {
        try (Fixture fixture = fixture(identity)) {
            // given users in step, and a delayed response for the first one
            fixture.insertUsers(1, 3);
            fixture.run();
            fixture.awaitConverged(60);
            Arrivals arrivals = Arrivals.at(fixture.standIn());
            fixture.standIn().when(StandIn.about("1"), Behaviour.ok().heldBeforeApplied());

            // when it releases its address, the second takes it, a new user takes the second's, and a third only
            // changes
            fixture.execute(
                    move(1, "moved@example.com"),
                    move(2, address(1)),
                    join(4, address(2)),
                    "UPDATE public.users SET phone = '2' WHERE id = 3");
            Eventually.within(20, "the first's request", () -> arrivals.has("1"));
            Eventually.within(20, "the third, whose change came last", () -> arrivals.has("3"));

            // then the requests that take addresses wait
            assertThat(arrivals.has("2")).isFalse();
            assertThat(arrivals.has("4")).isFalse();

            // and they continue once it is answered
            fixture.standIn().reset().release();
            fixture.awaitConverged(20);
            assertNoPersonsMerged(fixture);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL"})
    void batch_movesNoAddress(String identity) throws Exception {
        try (Fixture fixture = fixture(identity)) {
            // given a budget that calls for batches, and an API that applies them the other way round
            fixture.insertUsers(1, 200);
            fixture.catchUp();
            fixture.standIn().batchOrder(BatchOrder.REVERSED).budget(20, Duration.ofSeconds(1));

            // when a backlog is full of addresses that are handed on, between changes of others
            List<String> statements = new ArrayList<>();
            for (int id = 1; id <= 40; id++) {
                statements.add(move(id, "moved" + id + "@example.com"));
                statements.add(join(1_000 + id, address(id)));
                statements.add(move(100 + id, "Moved" + (100 + id) + "@Example.com"));
            }
            for (int id = 41; id <= 48; id++) {
                statements.add(move(id, id == 41 ? "moved41@example.com" : address(id - 1)));
            }
            fixture.execute(statements.toArray(String[]::new));
            long before = fixture.standIn().history().size();
            fixture.catchUp();

            // then no persons were merged, though there were batches
            assertThat(fixture.standIn().history().stream()
                            .skip(before)
                            .filter(AppliedPerson::batch)
                            .count())
                    .as("persons that came in batches")
                    .isGreaterThan(40);
            assertNoPersonsMerged(fixture);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DEFAULT", "FULL"})
    void addressSwap_throughThirdPerson_keepsOrder(String identity) throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Random random = new Random(seed);
        try (Fixture fixture = fixture(identity)) {
            // given responses with different delays
            fixture.insertUsers(1, 30);
            fixture.run();
            fixture.awaitConverged(60);
            fixture.standIn()
                    .sometimes(
                            seed,
                            List.of(
                                    Behaviour.ok().after(Duration.ofMillis(1)).atRate(0.3),
                                    Behaviour.ok().after(Duration.ofMillis(10)).atRate(0.3),
                                    Behaviour.ok().after(Duration.ofMillis(30)).atRate(0.3)));

            // when users swap their addresses, over and over
            List<String> held = new ArrayList<>();
            for (int id = 1; id <= 30; id++) {
                held.add(address(id));
            }
            List<String> statements = new ArrayList<>();
            for (int swap = 0; swap < 150; swap++) {
                int one = random.nextInt(30);
                int other = (one + 1 + random.nextInt(29)) % 30;
                statements.add(move(one + 1, "between@example.com"));
                statements.add(move(other + 1, held.get(one)));
                statements.add(move(one + 1, held.get(other)));
                Collections.swap(held, one, other);
            }
            fixture.execute(statements.toArray(String[]::new));

            // then
            fixture.awaitConverged(60);
            assertNoPersonsMerged(fixture);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void addressOrder_survivesKillBeforeResponse(boolean applied) throws Exception {
        try (Fixture fixture = fixture("DEFAULT")) {
            // given a user that releases its address, and a kill before the response, applied or not
            fixture.insertUsers(1, 2);
            SyncProcess process = fixture.fork("run");
            fixture.awaitConverged(60);
            Behaviour unanswered = applied ? Behaviour.ok().held() : Behaviour.silence();
            Arrivals first = Arrivals.at(fixture.standIn());
            fixture.standIn().when(StandIn.about("1"), unanswered);
            fixture.execute(move(1, "moved@example.com"), join(3, address(1)));
            Eventually.within(20, "the request", () -> first.has("1"));
            process.kill9();
            assertThat(first.has("3")).isFalse();

            // when it starts again, and is not answered again
            fixture.standIn().reset();
            Arrivals second = Arrivals.at(fixture.standIn());
            fixture.standIn().when(StandIn.about("1"), Behaviour.ok().heldBeforeApplied());
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 2");
            fixture.fork("run");
            Eventually.within(60, "the request again", () -> second.has("1"));

            // The first request is sent alone, so another person's change does not show that everything was read by
            // now.
            assertThat(second.has("3")).isFalse();
            fixture.standIn().reset().release();

            // then
            fixture.awaitConverged(60);
            assertNoPersonsMerged(fixture);
        }
    }
}
