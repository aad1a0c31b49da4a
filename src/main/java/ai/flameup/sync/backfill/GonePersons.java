package ai.flameup.sync.backfill;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.source.fence.PersonLookup;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerHashes;
import ai.flameup.sync.state.ledger.LedgerReader;
import ai.flameup.sync.state.pending.Backfill;
import java.time.Instant;
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
    private final LedgerHashes hashes;
    private final PersonLookup lookup;
    /** Any state that marks a person; null if none is sent for a deleted row. */
    private final @Nullable PersonUpsert mark;

    private @Nullable String after;
    private boolean read;

    GonePersons(StateStore store, FencedTable table, Backfill backfill) {
        this.store = store;
        this.hashes = store.persons().hashes();
        this.lookup = table.persons(backfill.id());
        this.mark = table.mapper().gone("", Instant.EPOCH) instanceof Mapped.Upsert upsert ? upsert.person() : null;
        RowKey last = backfill.lastKey();
        this.after = last == null ? null : last.values().get(0);
    }

    @Override
    public void next(CountDownLatch stop) throws InterruptedException {
        List<LedgerReader.Known> page = page();
        PersonUpsert sample = mark;
        if (page.isEmpty() || sample == null) {
            read = true;
            return;
        }
        List<String> candidates = page.stream()
                .filter(person -> !hashes.hasLastTrait(person.hashes(), sample))
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
