package ai.flameup.sync.job;

import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerHashes;
import ai.flameup.sync.state.ledger.LedgerReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts the rows of a page into an order in which each address is released before another person takes it: rows are read in the
 * order of their keys, which says nothing about that. If addresses are exchanged in a circle, no order is right. For one thread,
 * except {@link #close}, which is called after the last use.
 */
final class ReleaseOrder implements AutoCloseable {
    private final LedgerHashes hashes;
    private final LedgerReader ledger;

    ReleaseOrder(StateStore store) {
        this.hashes = store.persons().hashes();
        this.ledger = store.persons().ledger();
    }

    /** Returns the same rows: each row after that of the person who holds its address by the ledger. */
    List<MappedRow> of(List<MappedRow> page) {
        Map<String, MappedRow> persons = new HashMap<>();
        for (MappedRow row : page) {
            String userId = userId(row);
            if (userId != null) {
                persons.put(userId, row);
            }
        }
        Map<MappedRow, MappedRow> releasedBy = new HashMap<>();
        ledger.inOneSnapshot(() -> page.forEach(row -> findHolder(row, persons, releasedBy)));
        if (releasedBy.isEmpty()) {
            return page;
        }
        Set<MappedRow> ordered = new LinkedHashSet<>();
        for (MappedRow row : page) {
            addAfterHolders(row, releasedBy, ordered);
        }
        return new ArrayList<>(ordered);
    }

    private void findHolder(MappedRow row, Map<String, MappedRow> persons, Map<MappedRow, MappedRow> releasedBy) {
        if (!(row.mapped() instanceof Mapped.Upsert upsert)) {
            return;
        }
        String email = upsert.person().email();
        if (email == null) {
            return;
        }
        for (String holder : ledger.holders(hashes.ofAddress(email))) {
            MappedRow other = persons.get(holder);
            if (other != null && !holder.equals(upsert.person().userId())) {
                releasedBy.put(row, other);
            }
        }
    }

    /** Adds the holder of the row's address first, and before that the holder of the holder's new address, and so on. */
    private static void addAfterHolders(MappedRow row, Map<MappedRow, MappedRow> releasedBy, Set<MappedRow> ordered) {
        List<MappedRow> chain = new ArrayList<>();
        MappedRow next = row;
        while (next != null && !ordered.contains(next) && !chain.contains(next)) {
            chain.add(next);
            next = releasedBy.get(next);
        }
        for (int i = chain.size() - 1; i >= 0; i--) {
            ordered.add(chain.get(i));
        }
    }

    private static @Nullable String userId(MappedRow row) {
        return row.mapped() instanceof Mapped.Upsert upsert ? upsert.person().userId() : null;
    }

    @Override
    public void close() {
        ledger.close();
    }
}
