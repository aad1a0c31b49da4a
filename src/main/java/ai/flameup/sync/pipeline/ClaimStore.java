package ai.flameup.sync.pipeline;

import java.util.List;

/**
 * The stored address claims: the email addresses that each person may hold at Flameup. An address is identified by a
 * keyed hash of its trimmed, case-folded text. Called by the pipeline's thread only.
 */
public interface ClaimStore {
    /** Returns the hash of an address, which is never {@link PersonState#NO_ADDRESS} in practice. */
    long hash(String email);

    /** Returns every address that the person may hold; empty if none is known. */
    long[] claimedBy(String userId);

    /** Returns the users who may hold the address, a few at most. */
    List<String> claimants(long address);
}
