package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A person's requests, of this process or an earlier one, that ended without a clear answer: the API may still apply them
 * after their successors. When that is no longer possible, the person's newest state is sent once more. Until then no
 * change of the person is acknowledged. For one thread.
 */
final class LateWrite {
    private long dueAt;
    /** The address that a request may set; {@link PersonState#NO_ADDRESS} for none. */
    private long address;
    /** The fingerprint of the state that may be applied; null if it is unknown or one of several. */
    private @Nullable Integer fingerprint;
    /** What was accepted since; null for nothing. */
    private @Nullable PersonState newest;

    private final List<AckUnit> units = new ArrayList<>(1);

    /**
     * Starts with one request that may be applied.
     *
     * @param fingerprint of its state; null if the person is to be sent once more in any case
     * @param address that it sets; {@link PersonState#NO_ADDRESS} for none
     * @param until when it can no longer be applied
     */
    LateWrite(@Nullable Integer fingerprint, long address, long until) {
        this.fingerprint = fingerprint;
        this.address = address;
        this.dueAt = until;
    }

    /** Adds another request; the parameters are those of the constructor. */
    void add(@Nullable Integer state, long setsAddress, long until) {
        if (fingerprint != null && !fingerprint.equals(state)) {
            fingerprint = null;
        }
        address = setsAddress == PersonState.NO_ADDRESS ? address : setsAddress;
        dueAt = Math.max(dueAt, until);
    }

    /** Returns when none of the requests can be applied any more. */
    long dueAt() {
        return dueAt;
    }

    /** Whether a request may still restore the former address after a move to this one. */
    boolean mayUndoMoveTo(long taken, long now) {
        return address != PersonState.NO_ADDRESS && now < dueAt && taken != PersonState.NO_ADDRESS && taken != address;
    }

    /** Whether the person has the accepted state even if a request is applied after it. */
    boolean isHarmlessTo(PersonState accepted) {
        return newest == null
                && fingerprint != null
                && fingerprint == accepted.upsert().fingerprint();
    }

    /** A later state was accepted, too early to be the last one applied. */
    void accepted(PersonState state, List<AckUnit> itsUnits) {
        newest = newest == null ? state : state.acceptedAfter(newest);
        units.addAll(itsUnits);
    }

    /** A newer state was parked: the traits that it carried are missing from what was accepted. */
    void parked() {
        newest = newest == null ? null : newest.asPartial();
    }

    /**
     * The person's row is read later, in place of the repetition, and of a newer state that may have been applied.
     *
     * @return the ack units that the repetition would have settled
     */
    List<AckUnit> replaceByRow() {
        newest = null;
        List<AckUnit> replaced = List.copyOf(units);
        units.clear();
        return replaced;
    }

    /** Whether an accepted state has released the address and no request may set it again. */
    boolean hasReleased(long released) {
        return newest != null
                && newest.address() != PersonState.NO_ADDRESS
                && newest.address() != released
                && address != released;
    }

    /** Returns the newest accepted state; null for none. */
    @Nullable
    PersonState newest() {
        return newest;
    }

    /** Returns the ack units that the repetition settles. */
    List<AckUnit> units() {
        return units;
    }

    /** Returns the memory that it takes, in bytes. */
    int size() {
        return newest == null ? 0 : newest.size();
    }
}
