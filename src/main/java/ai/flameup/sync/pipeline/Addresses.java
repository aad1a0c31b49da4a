package ai.flameup.sync.pipeline;

import java.util.List;

/**
 * Which email addresses persons may hold at Flameup, as far as was stored. An address is known by a keyed hash of it,
 * trimmed and case folded. Called by the pipeline's thread alone.
 */
public interface Addresses {
    long hash(String email);

    /** Every address that the person may hold; empty where none is known. */
    long[] heldBy(String userId);

    /** Persons who may hold the address, a few at most. */
    List<String> holders(long address);
}
