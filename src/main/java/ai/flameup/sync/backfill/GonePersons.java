package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.StateHashes;
import ai.flameup.sync.source.fence.PersonLookup;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerReader;
import ai.flameup.sync.state.pending.Backfill;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The persons of the ledger whose rows are gone, except those who are marked as deleted already. If rows of deleted persons
 * are ignored, there are none. For one thread.
 */
final class GonePersons implements BackfillRows {
    private static final int PAGE = 2_000;

    private final StateStore store;
    private final PersonLookup lookup;
    private final boolean marks;

    private @Nullable String after;
    private boolean read;

    GonePersons(StateStore store, FencedTable table, Backfill backfill) {
        this.store = store;
        this.lookup = table.persons(backfill.id());
        this.marks = table.mapper().marksDeleted();
        RowKey last = backfill.lastKey();
        this.after = last == null ? null : last.values().get(0);
    }

    @Override
    public void next(CountDownLatch stop) throws InterruptedException {
        List<LedgerReader.Known> page = page();
        if (page.isEmpty() || !marks) {
            read = true;
            return;
        }
        List<String> candidates = page.stream()
                .filter(person -> !StateHashes.isDeleted(person.hashes()))
                .map(LedgerReader.Known::userId)
                .toList();
        String last = page.get(page.size() - 1).userId();
        if (candidates.isEmpty() || lookup.read(candidates, RowKey.of(List.of(last)), stop)) {
            after = last;
        }
    }

    private List<LedgerReader.Known> page() {
        try (LedgerReader ledger = store.persons().ledger()) {
            return ledger.page(after, PAGE);
        }
    }

    @Override
    public boolean isRead() {
        return read;
    }
}
