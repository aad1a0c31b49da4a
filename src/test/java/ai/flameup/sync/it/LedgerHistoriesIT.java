package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.StateHashes;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.BatchManner;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerHashes;
import ai.flameup.sync.state.ledger.LedgerReader;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories of few users whose values often return to former ones, with faults, batches, and processes that are killed
 * at any point. After each, the stand-in equals the table, and each ledger entry equals what the stand-in has. The number of
 * histories is the system property {@code flameup.test.ledger.histories}.
 */
class LedgerHistoriesIT {
    private static final int HISTORIES = Integer.getInteger("flameup.test.ledger.histories", 12);
    private static final int USERS = 20;

    @Test
    void randomHistory_endsWithTableStandInAndLedgerEqual() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure("  workspace: demo\n", "  workspace: demo\n  request-timeout: 1s\n");
            fixture.insertUsers(1, USERS);
            fixture.catchUp();
            Random random = new Random(seed);
            SyncProcess process = fixture.fork("run");
            for (int number = 1; number <= HISTORIES; number++) {
                misbehave(fixture, random);
                fixture.execute(statements(random));
                if (random.nextInt(4) > 0) {
                    long requests = fixture.standIn().requests();
                    int more = random.nextInt(10);
                    Eventually.within(
                            20,
                            "some requests, or none",
                            () -> fixture.standIn().requests() >= requests + more || isConverged(fixture));
                    end(process, random);
                    process = fixture.fork("run");
                }
                fixture.standIn().reset();
                fixture.awaitConverged(60);
                Eventually.within(20, "the ledger", () -> differences(fixture).isEmpty());
            }
            assertThat(process.isAlive()).as("%s", process).isTrue();
        }
    }

    private static boolean isConverged(Fixture fixture) {
        try {
            fixture.assertConverged();
            return true;
        } catch (AssertionError | SQLException e) {
            return false;
        }
    }

    private static void end(SyncProcess process, Random random) {
        if (random.nextBoolean()) {
            process.kill9();
        } else {
            process.term();
            process.awaitExit(Duration.ofMinutes(1));
        }
    }

    private static void misbehave(Fixture fixture, Random random) {
        List<Behaviour> faults = List.of(
                Behaviour.status(500),
                Behaviour.status(503),
                Behaviour.resetBefore(),
                Behaviour.resetAfter(),
                Behaviour.halfAnswer(),
                Behaviour.ok().after(Duration.ofMillis(1_500)));
        List<Behaviour.Rated> rated = new ArrayList<>();
        rated.add(faults.get(random.nextInt(faults.size())).atRate(0.3 * random.nextDouble()));
        rated.add(Behaviour.ok().after(Duration.ofMillis(random.nextInt(40))).atRate(0.5));
        fixture.standIn().sometimes(random.nextLong(), rated);
        fixture.standIn().batches(random.nextBoolean() ? BatchManner.ATOMIC : BatchManner.PARTIAL);
        if (random.nextBoolean()) {
            fixture.standIn().budget(3 + random.nextInt(20), Duration.ofMillis(500));
        } else {
            fixture.standIn().noBudget();
        }
    }

    /** Most changes set one of two values, so that many return to what the API has. */
    private static String[] statements(Random random) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < 5 + random.nextInt(40); i++) {
            int id = 1 + random.nextInt(USERS);
            statements.add(
                    switch (random.nextInt(6)) {
                        case 0 -> "UPDATE public.users SET internal_note = md5(random()::text) WHERE id = " + id;
                        case 1 -> "UPDATE public.users SET email = email || 'x' WHERE id = " + id;
                        case 2 -> "UPDATE public.users SET phone = NULL WHERE id = " + id;
                        default ->
                            "UPDATE public.users SET phone = '%d' WHERE id = %d".formatted(random.nextInt(2), id);
                    });
        }
        return statements.toArray(String[]::new);
    }

    /** Compares what the ledger knows of each person with the person. */
    private static List<String> differences(Fixture fixture) {
        List<String> differences = new ArrayList<>();
        try (StateStore store = StateStore.openShared(fixture.stateDirectory());
                LedgerReader ledger = store.persons().ledger()) {
            LedgerHashes hashes = store.persons().hashes();
            for (StoredPerson person : fixture.standIn().persons()) {
                LedgerEntry entry = ledger.entry(person.externalId());
                boolean isSame = !entry.mustRepeat() && StateHashes.cover(entry.hashes(), hashes.of(state(person)));
                if (!isSame) {
                    differences.add(person.externalId() + " is " + person + ", the ledger has " + entry);
                }
            }
        }
        return differences;
    }

    /** The traits that the statements change; the others count as left out. */
    private static PersonUpsert state(StoredPerson person) {
        byte[][] traits = new byte[Fixture.TRAITS.size()][];
        JsonNode phone = person.traits().get("phone");
        traits[Fixture.TRAITS.indexOf("phone")] =
                phone == null ? PersonUpsert.jsonNull() : phone.toString().getBytes(StandardCharsets.UTF_8);
        return new PersonUpsert(person.externalId(), person.email(), new TraitNames(Fixture.TRAITS), traits, false);
    }
}
