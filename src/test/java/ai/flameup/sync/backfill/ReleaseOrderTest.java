package ai.flameup.sync.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.pipeline.Ledger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReleaseOrderTest {
    /** The users who hold an address, by address. */
    private final Map<String, List<String>> holders = new HashMap<>();

    private final ReleaseOrder order = new ReleaseOrder(new Ledger() {
        @Override
        public long hash(String email) {
            return email.hashCode();
        }

        @Override
        public int[] hashes(PersonUpsert state) {
            return new int[0];
        }

        @Override
        public LedgerEntry entry(String userId) {
            return LedgerEntry.NONE;
        }

        @Override
        public List<String> claimants(long address) {
            return holders.entrySet().stream()
                    .filter(one -> hash(one.getKey()) == address)
                    .findFirst()
                    .map(Map.Entry::getValue)
                    .orElse(List.of());
        }
    });

    private static MappedRow row(String user, @Nullable String email) {
        PersonUpsert person = new PersonUpsert(user, email, new TraitNames(List.of()), new byte[0][], false);
        return new MappedRow(RowKey.of(List.of(user)), new Mapped.Upsert(person, true, false));
    }

    @Test
    void eachRow_isBehindTheHolderOfItsAddress() {
        holders.put("b@x", List.of("b"));
        holders.put("c@x", List.of("c"));
        MappedRow a = row("a", "b@x");
        MappedRow b = row("b", "c@x");
        MappedRow c = row("c", "free@x");

        assertThat(order.of(List.of(a, b, c))).containsExactly(c, b, a);
    }

    @Test
    void rowWasReadWith_theHolderOfItsAddress_ofWhomThereIsARow_orKnownToBeNone() {
        holders.put("b@x", List.of("b", "gone", "elsewhere"));
        MappedRow a = row("a", "b@x");
        MappedRow b = row("b", "c@x");

        Map<MappedRow, Set<String>> readWith = order.readWith(List.of(a, b), Set.of("a", "b", "gone"));

        assertThat(readWith).containsEntry(a, Set.of("b", "gone")).containsEntry(b, Set.of());
    }

    /** Otherwise each of them would be read again for every other one. */
    @Test
    void rowsWithOneAddress_wereReadWithEachOther() {
        MappedRow a = row("a", "same@x");
        MappedRow b = row("b", "same@x");
        MappedRow none = row("none", null);

        Map<MappedRow, Set<String>> readWith = order.readWith(List.of(a, b, none), Set.of("a", "b", "none"));

        assertThat(readWith.get(a)).contains("b");
        assertThat(readWith.get(b)).contains("a");
        assertThat(readWith.get(none)).isEmpty();
    }
}
