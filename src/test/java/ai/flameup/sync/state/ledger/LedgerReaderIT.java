package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.state.update.StateUpdate.Holds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldAddressesIT {
    @TempDir
    Path temp;

    private StateStore store;
    private HeldAddresses held;

    @BeforeEach
    void open() {
        store = StateStore.open(temp);
        held = store.heldAddresses();
    }

    @AfterEach
    void close() {
        held.close();
        store.close();
    }

    @Test
    void newStore_holdsNoAddress() {
        assertThat(held.of("1")).isEmpty();
        assertThat(held.holders(7)).isEmpty();
    }

    @Test
    void update_replacesAddressesOfPerson() {
        store.apply(List.of(new Holds("1", 7, Long.MIN_VALUE, 7), new Holds("2", 7)));
        assertThat(held.of("1")).containsExactlyInAnyOrder(7, Long.MIN_VALUE);
        assertThat(held.holders(7)).containsExactlyInAnyOrder("1", "2");

        store.apply(List.of(new Holds("1", 8, 7)));
        assertThat(held.of("1")).containsExactlyInAnyOrder(7, 8);
        assertThat(held.holders(Long.MIN_VALUE)).isEmpty();

        store.apply(List.of(new Holds("1"), new Holds("3")));
        assertThat(held.of("1")).isEmpty();
        assertThat(held.of("2")).containsExactly(7);
        assertThat(held.holders(7)).containsExactly("2");
    }

    @Test
    void manyUpdates_matchMap() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Map<String, Set<Long>> expected = new HashMap<>();
        for (int commit = 0; commit < 200; commit++) {
            List<StateUpdate> updates = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                String user = "user-" + random.nextInt(20);
                long[] addresses = random.longs(random.nextInt(4), 0, 12).toArray();
                updates.add(new Holds(user, addresses));
                expected.put(user, set(addresses));
            }
            store.apply(updates);
            String user = "user-" + random.nextInt(20);
            assertThat(set(held.of(user))).as("seed %d", seed).isEqualTo(expected.getOrDefault(user, Set.of()));
        }
        for (long address = 0; address < 12; address++) {
            long wanted = address;
            List<String> holders = held.holders(address);
            assertThat(holders)
                    .as("seed %d", seed)
                    .doesNotHaveDuplicates()
                    .hasSize((int) Math.min(
                            HeldAddresses.MAX_HOLDERS,
                            expected.values().stream()
                                    .filter(set -> set.contains(wanted))
                                    .count()))
                    .allSatisfy(user -> assertThat(expected.get(user)).contains(wanted));
        }
    }

    @Test
    void manyHolders_areLimited() {
        List<StateUpdate> updates = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            updates.add(new Holds("user-" + i, 7));
        }
        store.apply(updates);

        assertThat(held.holders(7)).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void reopenedStore_keepsAddressesAndHash() {
        long address = store.addressHash().of("ann@example.com");
        store.apply(List.of(new Holds("1", address)));
        close();
        open();

        assertThat(held.of("1")).containsExactly(address);
        assertThat(store.addressHash().of("Ann@example.com")).isEqualTo(address);
    }

    @Test
    void twoStores_hashDifferently() throws IOException {
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        try (StateStore other = StateStore.open(elsewhere)) {
            assertThat(other.addressHash().of("a"))
                    .isNotEqualTo(store.addressHash().of("a"));
        }
    }

    @Test
    void read_leavesNoOpenTransaction() throws Exception {
        store.apply(List.of(new Holds("1", 7, 8), new Holds("2", 7)));
        held.of("1");
        held.of("none");
        held.holders(7);
        held.holders(9);
        store.apply(List.of(new Holds("1", 9)));

        try (Connection connection = Sqlite.connect(temp.resolve("state.db"))) {
            // The first column shows whether another process prevented it.
            assertThat(Sqlite.text(connection, "PRAGMA wal_checkpoint(TRUNCATE)"))
                    .isEqualTo("0");
        }
        assertThat(temp.resolve("state.db-wal")).isEmptyFile();
        assertThat(held.of("1")).containsExactly(9);
    }

    @Test
    void emptyUserId_isRejected() {
        assertThatThrownBy(() -> new Holds("", 7)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Set<Long> set(long[] addresses) {
        Set<Long> set = new TreeSet<>();
        for (long address : addresses) {
            set.add(address);
        }
        return set;
    }
}
