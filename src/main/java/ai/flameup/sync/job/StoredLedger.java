package ai.flameup.sync.job;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.pipeline.Ledger;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.ledger.LedgerHashes;
import ai.flameup.sync.state.ledger.LedgerReader;
import java.util.List;

/** The ledger as the store has it. For one thread. */
final class StoredLedger implements Ledger, AutoCloseable {
    private final LedgerHashes hashes;
    private final LedgerReader reader;

    StoredLedger(StateStore store) {
        this.hashes = store.persons().hashes();
        this.reader = store.persons().ledger();
    }

    /** See {@link LedgerReader#generation}. */
    int generation() {
        return reader.generation();
    }

    @Override
    public long hash(String email) {
        return hashes.ofAddress(email);
    }

    @Override
    public int[] hashes(PersonUpsert state) {
        return hashes.of(state);
    }

    @Override
    public LedgerEntry entry(String userId) {
        return reader.entry(userId);
    }

    @Override
    public List<String> claimants(long address) {
        return reader.holders(address);
    }

    @Override
    public void inOneSnapshot(Runnable lookups) {
        reader.inOneSnapshot(lookups);
    }

    @Override
    public void close() {
        reader.close();
    }
}
