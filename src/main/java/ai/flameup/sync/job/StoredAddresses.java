package ai.flameup.sync.job;

import ai.flameup.sync.pipeline.ClaimStore;
import ai.flameup.sync.state.AddressHash;
import ai.flameup.sync.state.HeldAddresses;
import ai.flameup.sync.state.StateStore;
import java.util.List;

/** The addresses that the store knows. For one thread. */
final class StoredAddresses implements ClaimStore, AutoCloseable {
    private final AddressHash hash;
    private final HeldAddresses held;

    StoredAddresses(StateStore store) {
        this.hash = store.addressHash();
        this.held = store.heldAddresses();
    }

    @Override
    public long hash(String email) {
        return hash.of(email);
    }

    @Override
    public long[] claimedBy(String userId) {
        return held.of(userId);
    }

    @Override
    public List<String> claimants(long address) {
        return held.holders(address);
    }

    @Override
    public void close() {
        held.close();
    }
}
