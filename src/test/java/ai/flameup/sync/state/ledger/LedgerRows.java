package ai.flameup.sync.state.ledger;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.state.update.StateUpdate.LedgerChanged;
import java.time.Instant;

/** Ledger entries for tests. */
public final class LedgerRows {
    private LedgerRows() {}

    /** A person who may hold addresses. */
    public static LedgerChanged holds(String userId, long... addresses) {
        return new LedgerChanged(userId, LedgerEntry.holding(addresses), Instant.EPOCH);
    }
}
