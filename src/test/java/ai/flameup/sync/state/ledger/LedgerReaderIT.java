package ai.flameup.sync.state.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.update.StateUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerReaderIT {
    @TempDir
    Path temp;

    private StateStore store;
    private LedgerReader held;

    @BeforeEach
    void open() {
        store = StateStore.open(temp);
        held = store.persons().ledger();
    }

    @AfterEach
    void close() {
        held.close();
        store.close();
    }

    @Test
    void newStore_holdsNoAddress() {
        assertThat(held.entry("1").addresses()).isEmpty();
        assertThat(held.holders(7)).isEmpty();
    }

    @Test
    void update_replacesAddressesOfPerson() {
        store.apply(List.of(LedgerRows.holds("1", 7, Long.MIN_VALUE), LedgerRows.holds("2", 7)));
        assertThat(held.entry("1").addresses()).containsExactlyInAnyOrder(7, Long.MIN_VALUE);
        assertThat(held.holders(7)).containsExactlyInAnyOrder("1", "2");

        store.apply(List.of(LedgerRows.holds("1", 8, 7)));
        assertThat(held.entry("1").addresses()).containsExactlyInAnyOrder(7, 8);
        assertThat(held.holders(Long.MIN_VALUE)).isEmpty();

        store.apply(List.of(LedgerRows.holds("1"), LedgerRows.holds("3")));
        assertThat(held.entry("1").addresses()).isEmpty();
        assertThat(held.entry("2").addresses()).containsExactly(7);
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
                long[] addresses =
                        random.longs(random.nextInt(4), 0, 12).distinct().toArray();
                updates.add(LedgerRows.holds(user, addresses));
                expected.put(user, set(addresses));
            }
            store.apply(updates);
            String user = "user-" + random.nextInt(20);
            assertThat(set(held.entry(user).addresses()))
                    .as("seed %d", seed)
                    .isEqualTo(expected.getOrDefault(user, Set.of()));
        }
        for (long address = 0; address < 12; address++) {
            long wanted = address;
            List<String> holders = held.holders(address);
            assertThat(holders)
                    .as("seed %d", seed)
                    .doesNotHaveDuplicates()
                    .hasSize((int) Math.min(
                            LedgerReader.MAX_HOLDERS,
                            expected.values().stream()
                                    .filter(set -> set.contains(wanted))
                                    .count()))
                    .allSatisfy(user -> assertThat(expected.get(user)).contains(wanted));
        }
    }

    @Test
    void entry_isReadAsItWasWritten() {
        LedgerEntry entry = new LedgerEntry(
                new Position(new Lsn(-5), 70_000), true, new long[] {3, -4, 5}, new int[] {1, 0, Integer.MIN_VALUE});
        String uuid = "0188e0a4-5b9c-7c3e-9a51-ffffffffffff";
        for (String user : List.of("1", uuid, uuid.toUpperCase(Locale.ROOT), "\u0661", "it's")) {
            assertThat(held.entry(user)).isEqualTo(LedgerEntry.NONE);
            store.apply(List.of(new StateUpdate.LedgerChanged(user, entry, Instant.EPOCH)));
            assertThat(held.entry(user)).isEqualTo(entry);
            assertThat(held.holders(5)).contains(user);
        }
        store.apply(List.of(new StateUpdate.LedgerChanged(uuid, LedgerEntry.NONE, Instant.EPOCH)));
        assertThat(held.entry(uuid)).isEqualTo(LedgerEntry.NONE);
        assertThat(held.holders(3)).doesNotContain(uuid).contains(uuid.toUpperCase(Locale.ROOT));
    }

    /** An accepted state is stored in another way if the person's address stays the same. */
    @Test
    void acceptedEntries_withTheSameAnotherAndNoAddress_areReadAsWritten() {
        for (long[] before : List.of(new long[] {}, new long[] {3}, new long[] {3, 4})) {
            for (long[] after : List.of(new long[] {}, new long[] {3}, new long[] {4}, new long[] {3, 5})) {
                LedgerEntry first = new LedgerEntry(new Position(new Lsn(5), 1), true, before, new int[] {1, 2});
                LedgerEntry second = new LedgerEntry(new Position(new Lsn(6), 0), false, after, new int[] {3});
                store.apply(List.of(
                        new StateUpdate.LedgerChanged("1", first, Instant.EPOCH), LedgerRows.holds("2", before)));
                store.apply(List.of(
                        new StateUpdate.LedgerChanged("1", second, Instant.ofEpochSecond(9)),
                        new StateUpdate.LedgerChanged("2", second, Instant.ofEpochSecond(9)),
                        new StateUpdate.LedgerChanged("3", second, Instant.ofEpochSecond(9))));

                for (String user : List.of("1", "2", "3")) {
                    assertThat(held.entry(user)).isEqualTo(second);
                    assertThat(held.acceptedAt(user)).contains(Instant.ofEpochSecond(9));
                }
                store.apply(List.of(LedgerRows.holds("3")));
            }
        }
    }

    @Test
    void manyHolders_areLimited() {
        List<StateUpdate> updates = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            updates.add(LedgerRows.holds("user-" + i, 7));
        }
        store.apply(updates);

        assertThat(held.holders(7)).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void reopenedStore_keepsAddressesAndHash() {
        long address = store.persons().hashes().ofAddress("ann@example.com");
        store.apply(List.of(LedgerRows.holds("1", address)));
        close();
        open();

        assertThat(held.entry("1").addresses()).containsExactly(address);
        assertThat(store.persons().hashes().ofAddress("Ann@example.com")).isEqualTo(address);
    }

    @Test
    void twoStores_hashDifferently() throws IOException {
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        try (StateStore other = StateStore.open(elsewhere)) {
            assertThat(other.persons().hashes().ofAddress("a"))
                    .isNotEqualTo(store.persons().hashes().ofAddress("a"));
        }
    }

    @Test
    void read_leavesNoOpenTransaction() throws Exception {
        store.apply(List.of(LedgerRows.holds("1", 7, 8), LedgerRows.holds("2", 7)));
        held.entry("1").addresses();
        held.entry("none").addresses();
        held.holders(7);
        held.holders(9);
        store.apply(List.of(LedgerRows.holds("1", 9)));

        try (Connection connection = Sqlite.connect(temp.resolve("state.db"))) {
            // The first column shows whether another process prevented it.
            assertThat(Sqlite.text(connection, "PRAGMA wal_checkpoint(TRUNCATE)"))
                    .isEqualTo("0");
        }
        assertThat(temp.resolve("state.db-wal")).isEmptyFile();
        assertThat(held.entry("1").addresses()).containsExactly(9);
    }

    @Test
    void emptyUserId_isRejected() {
        assertThatThrownBy(() -> LedgerRows.holds("", 7)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Set<Long> set(long[] addresses) {
        Set<Long> set = new TreeSet<>();
        for (long address : addresses) {
            set.add(address);
        }
        return set;
    }
}
