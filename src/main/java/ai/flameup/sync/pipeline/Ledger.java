package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import java.util.List;

/**
 * The stored ledger: what the API accepted of each person, and which email addresses each person may hold. An address is
 * identified by a keyed hash of its trimmed, case-folded text. For one thread.
 */
public interface Ledger {
    /** Returns the hash of an address, which is never {@link PersonState#NO_ADDRESS} in practice. */
    long hash(String email);

    /** Returns the hashes of what the state carries, as {@link ai.flameup.sync.change.StateHashes} has them. */
    int[] hashes(PersonUpsert state);

    /** Returns the person's stored entry; {@link LedgerEntry#NONE} for an unknown person. */
    LedgerEntry entry(String userId);

    /** Returns the users who may hold the address, a few at most. */
    List<String> claimants(long address);

    /** Makes look-ups in one snapshot, which is cheaper than one for each. */
    default void inOneSnapshot(Runnable lookups) {
        lookups.run();
    }
}
