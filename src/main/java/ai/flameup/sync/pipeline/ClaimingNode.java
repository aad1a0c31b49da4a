package ai.flameup.sync.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * What an upsert has claimed: its address, and whether the API may have its state. For one thread.
 *
 * @param <T> the upsert itself
 */
abstract class ClaimingNode<T extends ConflictNode<T>> extends ConflictNode<T> {
    private boolean claimsNewAddress;
    private boolean mayBeApplied;
    private @Nullable String addressHolder;

    /** Whether its turn has added its address to what the person may hold. */
    boolean claimsNewAddress() {
        return claimsNewAddress;
    }

    void claimNewAddress() {
        claimsNewAddress = true;
    }

    /** Whether a request with its state may have been applied, although it was not accepted. */
    boolean mayBeApplied() {
        return mayBeApplied;
    }

    void mayHaveBeenApplied() {
        mayBeApplied = true;
    }

    /** Returns the user whose address it would take, for which it is parked unsent; null if there is none. */
    @Nullable
    String addressHolder() {
        return addressHolder;
    }

    void addressHolder(String userId) {
        addressHolder = userId;
    }
}
