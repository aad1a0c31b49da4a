package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.standin.AppliedPerson;
import ai.flameup.sync.standin.BatchManner;
import ai.flameup.sync.standin.BatchOrder;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/**
 * Random histories of few users and few addresses against random faults, batch behaviours and budgets. Each history ends
 * with every person equal to its row. No state and no address is applied out of order. One process per setting runs all
 * of its histories.
 */
class AddressHistoriesIT {
    private static final int HISTORIES =
            Integer.getInteger("flameup.test.histories", PostgresServer.NIGHTLY ? 500 : 60);
    private static final int USERS = 20;
    private static final int ADDRESSES = 30;
    private static final int SECONDS = 60;

    /** The state that lives as long as one process. */
    private record Setting(String name, int version, String identity, List<String> flameup, boolean batchCall) {}

    private static final List<Setting> SETTINGS = List.of(
            new Setting("single", PostgresServer.NEWEST, "DEFAULT", List.of("batch: never"), true),
            new Setting("always", PostgresServer.NEWEST, "FULL", List.of("batch: always"), true),
            new Setting("auto", PostgresServer.OLDEST, "DEFAULT", List.of("batch: auto", "max-in-flight: 8"), true),
            new Setting("absent", PostgresServer.NEWEST, "DEFAULT", List.of("batch: auto", "max-in-flight: 3"), false));

    @Test
    void randomHistory_convergesInOrder() throws Exception {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        ExecutorService threads = Executors.newFixedThreadPool(SETTINGS.size());
        try {
            List<CompletableFuture<Void>> running = SETTINGS.stream()
                    .map(setting -> CompletableFuture.runAsync(
                            () -> new Histories(setting, new SplittableRandom(seed)).run(), threads))
                    .toList();
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
        } finally {
            threads.shutdownNow();
        }
    }

    /** All histories of one setting. For one thread. */
    private static final class Histories {
        private final Setting setting;
        private final SplittableRandom random;
        private final AddressOrder order = new AddressOrder();
        private final Map<Integer, User> users = new HashMap<>();
        private final List<String> free = new ArrayList<>();
        private final List<String> statements = new ArrayList<>();
        private int applied;

        /** A user's row as it was written last; null for no address. */
        private static final class User {
            private String email;
            private long version;
            private boolean gone;
        }

        Histories(Setting setting, SplittableRandom random) {
            this.setting = setting;
            this.random = random;
        }

        void run() {
            try (Fixture fixture = new Fixture(PostgresServer.shared(setting.version()))) {
                fixture.execute("ALTER TABLE public.users REPLICA IDENTITY " + setting.identity());
                fixture.configure(
                        "  workspace: demo\n",
                        // An address does not move for twice as long after a connection that broke.
                        "  workspace: demo\n  request-timeout: 1s\n  " + String.join("\n  ", setting.flameup()) + "\n");
                begin(fixture);
                SyncProcess process = fixture.run();
                for (int number = 1; number <= HISTORIES; number++) {
                    history(fixture, process, number);
                }
                fixture.awaitConverged(SECONDS);
                follow(fixture.standIn());
                assertThat(process.isAlive()).as("%s", process).isTrue();
                assertThat(fixture.store().deadLetters()).isEmpty();
                assertThat(fixture.standIn().personCount()).isEqualTo(USERS);
                System.out.println(setting.name() + ": " + HISTORIES + " histories with "
                        + fixture.standIn().requests() + " requests, "
                        + fixture.standIn().requests429() + " of them past the budget");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private void begin(Fixture fixture) throws SQLException {
            for (int id = 1; id <= USERS; id++) {
                User user = new User();
                user.email = "a" + id + "@example.com";
                users.put(id, user);
                insert(id, user);
            }
            for (int i = USERS + 1; i <= ADDRESSES; i++) {
                free.add("a" + i + "@example.com");
            }
            fixture.execute(statements.toArray(String[]::new));
            statements.clear();
        }

        private void history(Fixture fixture, SyncProcess process, int number) throws SQLException {
            List<String> chosen = misbehave(fixture.standIn());
            int changes = 5 + random.nextInt(40);
            // If an address is released silently, the order of its next holders is not guaranteed.
            boolean silent = random.nextInt(10) == 0;
            while (statements.size() < changes) {
                change(silent);
            }
            write(fixture);
            try {
                Eventually.within(SECONDS, "the table", () -> follow(fixture.standIn()));
            } catch (ConditionTimeoutException e) {
                throw new AssertionError(
                        "%s, history %d, %s: not as the table is: %s%n%s%n%s"
                                .formatted(
                                        setting, number, chosen, differences(fixture.standIn()), statements, process),
                        e);
            } finally {
                fixture.standIn().reset();
            }
            order.assertKept();
            statements.clear();
        }

        private void write(Fixture fixture) throws SQLException {
            int each = 1 + random.nextInt(3);
            List<String> transactions = new ArrayList<>();
            for (int i = 0; i < statements.size(); i += each) {
                // Sent together, they are one transaction.
                transactions.add(String.join("; ", statements.subList(i, Math.min(statements.size(), i + each))));
            }
            fixture.execute(transactions.toArray(String[]::new));
        }

        private List<String> misbehave(StandIn standIn) {
            List<String> chosen = new ArrayList<>();
            Behaviour slow = Behaviour.ok().after(Duration.ofMillis(1 + random.nextInt(15)));
            List<Behaviour> faults = List.of(
                    Behaviour.status(500),
                    Behaviour.status(502),
                    Behaviour.status(503),
                    Behaviour.status(408),
                    Behaviour.status(425),
                    Behaviour.resetBefore(),
                    Behaviour.resetAfter(),
                    Behaviour.halfAnswer(),
                    Behaviour.status(500).after(Duration.ofMillis(10)),
                    Behaviour.resetAfter().after(Duration.ofMillis(10)));
            List<Behaviour.Rated> rated = new ArrayList<>();
            rated.add(slow.atRate(random.nextDouble() * 0.7));
            if (random.nextInt(3) == 0) {
                Behaviour fault = faults.get(random.nextInt(faults.size()));
                rated.add(fault.atRate(0.15));
                chosen.add(fault.toString());
            }
            standIn.sometimes(random.nextLong(), rated);
            if (random.nextInt(2) == 0) {
                int requests = 5 + random.nextInt(60);
                // The API reports a window shorter than a second as ending with that second.
                standIn.budget(requests, Duration.ofMillis(200 + random.nextInt(300)));
                chosen.add("budget " + requests);
            } else {
                standIn.noBudget();
            }
            if (setting.batchCall()) {
                standIn.batches(random.nextBoolean() ? BatchManner.ATOMIC : BatchManner.PARTIAL);
                standIn.batchOrder(random.nextBoolean() ? BatchOrder.AS_SENT : BatchOrder.REVERSED);
            } else {
                standIn.batches(random.nextBoolean() ? BatchManner.ABSENT : BatchManner.NOT_ALLOWED);
            }
            return chosen;
        }

        private void change(boolean silent) {
            int id = 1 + random.nextInt(USERS);
            User user = users.get(id);
            if (user.gone) {
                user.gone = false;
                user.email = takeFree();
                insert(id, user);
                return;
            }
            switch (random.nextInt(silent ? 12 : 10)) {
                case 0, 1, 2 -> update(id, user);
                case 3, 4 -> {
                    move(id, takeFree());
                }
                case 5 -> {
                    // Only its case: the same address.
                    if (user.email != null) {
                        String other = user.email.equals(user.email.toLowerCase(Locale.ROOT))
                                ? user.email.toUpperCase(Locale.ROOT)
                                : user.email.toLowerCase(Locale.ROOT);
                        user.email = other;
                        update(id, user);
                    }
                }
                case 6, 7 -> handOn(id, user);
                case 8, 9 -> swap(id, user);
                case 10 -> {
                    leave(id, user);
                    update(id, user);
                }
                default -> {
                    leave(id, user);
                    user.gone = true;
                    statements.add("DELETE FROM public.users WHERE id = " + id);
                }
            }
        }

        /** One user releases its address, a second takes it, and a third takes the second's. */
        private void handOn(int id, User user) {
            String address = user.email;
            move(id, takeFree());
            for (int i = 0; i < 2 && address != null; i++) {
                int next = another(id);
                String left = users.get(next).email;
                move(next, address);
                address = left;
            }
        }

        private void swap(int id, User user) {
            int other = another(id);
            String one = user.email;
            String two = users.get(other).email;
            if (one == null || two == null) {
                return;
            }
            move(id, takeFree());
            move(other, one);
            move(id, two);
        }

        /** Returns another user whose row exists. */
        private int another(int id) {
            int other = id;
            while (other == id || users.get(other).gone) {
                other = 1 + random.nextInt(USERS);
            }
            return other;
        }

        private void move(int id, String address) {
            User user = users.get(id);
            giveBack(user.email);
            free.remove(address.toLowerCase(Locale.ROOT));
            user.email = address;
            update(id, user);
        }

        private void leave(int id, User user) {
            if (user.email != null) {
                order.leavesSilently(Integer.toString(id), user.email, user.version);
                giveBack(user.email);
                user.email = null;
            }
        }

        private void giveBack(String address) {
            if (address != null) {
                free.add(address.toLowerCase(Locale.ROOT));
            }
        }

        private String takeFree() {
            return free.remove(random.nextInt(free.size()));
        }

        private void insert(int id, User user) {
            user.version++;
            statements.add("INSERT INTO public.users (id, email, phone) VALUES (%d, '%s', '%d')"
                    .formatted(id, user.email, user.version));
        }

        private void update(int id, User user) {
            user.version++;
            statements.add("UPDATE public.users SET email = %s, phone = '%d' WHERE id = %d"
                    .formatted(user.email == null ? "NULL" : "'" + user.email + "'", user.version, id));
        }

        /** Reads the newly applied requests and returns whether every person equals its row. */
        private boolean follow(StandIn standIn) {
            List<AppliedPerson> history = standIn.history();
            history.subList(applied, history.size()).forEach(order::applied);
            applied = history.size();
            return differences(standIn).isEmpty();
        }

        private List<String> differences(StandIn standIn) {
            Map<String, StoredPerson> persons = new HashMap<>();
            standIn.persons().forEach(person -> persons.put(person.externalId(), person));
            List<String> differences = new ArrayList<>();
            users.forEach((id, user) -> {
                if (!user.gone && !isAs(user, persons.get(Integer.toString(id)))) {
                    differences.add(id + " is " + persons.get(Integer.toString(id)) + ", not " + user.email + " with "
                            + user.version);
                }
            });
            return differences;
        }

        private static boolean isAs(User user, StoredPerson person) {
            return person != null
                    && person.traits().get("phone").asText().equals(Long.toString(user.version))
                    && (user.email == null || user.email.equals(person.email()));
        }
    }
}
