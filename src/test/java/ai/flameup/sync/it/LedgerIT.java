package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the ledger promises of restarts: no state that the API has moved past, and no call for what it has. */
class LedgerIT {
    private static final int USERS = 400;
    private static final int PARTS = 10;
    private static final int SWAPS = 100;

    private static Fixture fixture() {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.configure("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n");
        return fixture;
    }

    private static String move(int id, String address) {
        return "UPDATE public.users SET email = '%s', phone = (phone::bigint + 1)::text WHERE id = %d"
                .formatted(address, id);
    }

    /** Users exchange their addresses, each through a third address. */
    private static final class Exchanges {
        private final Random random;
        private final List<String> held = new ArrayList<>();

        Exchanges(long seed) {
            this.random = new Random(seed);
            for (int id = 1; id <= USERS; id++) {
                held.add("user" + id + "@example.com");
            }
        }

        void write(Fixture fixture) throws SQLException {
            List<String> statements = new ArrayList<>();
            for (int swap = 0; swap < SWAPS; swap++) {
                int one = random.nextInt(USERS);
                int other = (one + 1 + random.nextInt(USERS - 1)) % USERS;
                statements.add(move(one + 1, "between@example.com"));
                statements.add(move(other + 1, held.get(one)));
                statements.add(move(one + 1, held.get(other)));
                Collections.swap(held, one, other);
            }
            fixture.execute(statements.toArray(String[]::new));
        }
    }

    @Test
    void exchangesOfAddresses_acrossTenStopsAndKills_keepOrder() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Random random = new Random(seed);
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, USERS);
            fixture.catchUp();
            fixture.standIn().budget(60, Duration.ofSeconds(3));
            Exchanges exchanges = new Exchanges(seed);
            for (int part = 0; part < PARTS; part++) {
                // given a backlog behind a spent budget
                SyncProcess process = fixture.fork("run");
                exchanges.write(fixture);
                fixture.awaitRequests(fixture.standIn().requests() + 1 + random.nextInt(60), 60);

                // when the process ends in its middle
                if (part % 2 == 0) {
                    process.term();
                    process.awaitExit(Duration.ofMinutes(1));
                } else {
                    process.kill9();
                }
            }

            // then the next one ends as the table, and nothing went backwards
            fixture.standIn().noBudget();
            fixture.catchUp();
            fixture.assertConverged();
            AddressOrder.assertKept(fixture.standIn().history());
            assertThat(fixture.standIn().personCount()).isEqualTo(USERS);
        }
    }

    /** A new store does not know what Flameup has. The stream does not carry the addresses that rows had before. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void newStore_handedOnAddresses_areReleasedFirst(boolean isSlotKept) throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 60);
            fixture.catchUp();
            fixture.awaitReleased();
            PostgresServer.deleteFiles(fixture.stateDirectory());
            if (!isSlotKept) {
                fixture.execute("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");
            }
            fixture.configure(before -> before.replace("  workspace: demo\n", "  workspace: demo\n  batch: never\n")
                    + (isSlotKept ? "" : "delivery:\n  first-load: none\n"));
            SyncProcess.Result begun =
                    fixture.start("run", "--until-caught-up", "--yes").awaitExit(Duration.ofMinutes(1));
            assertThat(begun.exitCode()).as("%s", begun).isZero();

            slowDownReleases(fixture);
            List<String> statements = new ArrayList<>();
            for (int id = 1; id <= 60; id += 2) {
                statements.add(move(id, "new" + id + "@example.com"));
                statements.add(move(id + 1, "user" + id + "@example.com"));
            }
            fixture.execute(statements.toArray(String[]::new));
            fixture.catchUp();

            fixture.assertConverged();
            AddressOrder.assertKept(fixture.standIn().history());
        }
    }

    /** A page is in the order of the keys: each row takes the address that the next one holds. */
    @Test
    void rowsOfOnePage_handAddressesOn_inTheOrderOfRelease() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 60);
            fixture.configure("  workspace: demo\n", "  workspace: demo\n  batch: never\n");
            fixture.catchUp();
            fixture.awaitReleased();
            fixture.execute("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");
            List<String> statements = new ArrayList<>();
            statements.add(move(1, "new@example.com"));
            for (int id = 2; id <= 60; id++) {
                statements.add(move(id, "user" + (id - 1) + "@example.com"));
            }
            // Each address goes to the row before.
            statements.add("UPDATE public.users SET email = 'x' || id");
            statements.add("UPDATE public.users SET email = 'user' || (id + 1) || '@example.com', phone = '7'");
            fixture.execute(statements.toArray(String[]::new));

            SyncProcess.Result result = fixture.start("resync", "--yes").awaitExit(Duration.ofMinutes(1));
            assertThat(result.exitCode()).as("%s", result).isZero();

            fixture.assertConverged();
            AddressOrder.assertKept(fixture.standIn().history());
        }
    }

    private static void slowDownReleases(Fixture fixture) {
        fixture.standIn()
                .when(
                        request -> request.userIds().stream().anyMatch(id -> Integer.parseInt(id) % 2 == 1),
                        Behaviour.ok().after(Duration.ofMillis(200)));
    }

    @Test
    void rowsTouchedWithoutAChangeOfAMappedColumn_costNoCall() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 20_000);
            fixture.catchUp();
            long before = fixture.standIn().requests();

            fixture.execute("UPDATE public.users SET internal_note = 'touched'");
            fixture.catchUp();
            assertThat(fixture.standIn().requests() - before).isZero();

            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 77");
            fixture.catchUp();
            assertThat(fixture.standIn().requests() - before).isEqualTo(1);
            fixture.assertConverged();
        }
    }

    @Test
    void largeTransaction_killedNearItsEnd_costsLittleAgain() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 10);
            fixture.catchUp();
            AtomicLong persons = new AtomicLong();
            fixture.standIn().keepHistory(false).onPerson(person -> persons.incrementAndGet());
            SyncProcess process = fixture.fork("run");
            fixture.insertUsers(1_001, 101_000);
            Eventually.within(120, "most of the transaction", () -> persons.get() >= 90_000);
            process.kill9();
            long before = persons.get();

            fixture.catchUp();

            assertThat(persons.get() - before).isLessThan(11_000);
            assertThat(fixture.standIn().personCount()).isEqualTo(100_010);
        }
    }

    @Test
    void changedOnlyBackfill_sendsWhatTheMappingHasChanged() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 500);
            fixture.catchUp();
            long before = fixture.standIn().requests();

            SyncProcess.Result same = fixture.start("backfill", "start", "--all", "--changed-only")
                    .awaitExit(Duration.ofMinutes(1));
            assertThat(same.exitCode()).as("%s", same).isZero();
            assertThat(same.out()).contains("500 rows read, 0 sent, 500 unchanged");
            assertThat(fixture.standIn().requests()).isEqualTo(before);

            fixture.configure("    plan: plan\n", "    plan: plan\n    tariff: plan\n");
            SyncProcess.Result changed = fixture.start("backfill", "start", "--all", "--changed-only")
                    .awaitExit(Duration.ofMinutes(1));
            assertThat(changed.out()).contains("500 rows read, 500 sent, 0 unchanged");
        }
    }

    @Test
    void changedMapping_isNoticedAndSent() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.insertUsers(1, 100);
            fixture.catchUp();
            long before = fixture.standIn().requests();

            fixture.configure("    plan: plan\n", "    plan: plan\n    tariff: plan\n");
            SyncProcess.Result result = fixture.catchUp();
            assertThat(result.err()).contains("Mapping changed: mapping.traits.tariff. Backfill 2 sends the rows");
            assertThat(fixture.standIn().persons())
                    .allSatisfy(person -> assertThat(person.traits()).containsKey("tariff"));
            assertThat(fixture.standIn().requests() - before).isEqualTo(100);

            assertThat(fixture.catchUp().err()).doesNotContain("Mapping changed");
            assertThat(fixture.standIn().requests() - before).isEqualTo(100);
        }
    }

    @Test
    void insertAfterADelete_clearsWhatTheFormerRowHad() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("INSERT INTO public.users (id, email, phone) VALUES (1, 'a@example.com', '7')");
            fixture.catchUp();
            fixture.execute(
                    "DELETE FROM public.users", "INSERT INTO public.users (id, email) VALUES (1, 'a@example.com')");

            fixture.catchUp();

            fixture.assertConverged();
        }
    }
}
