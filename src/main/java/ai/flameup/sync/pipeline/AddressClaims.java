package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The address claims: which addresses each person may hold at Flameup, and what the store knows of it. For one thread.
 *
 * <p>INVARIANT: an address is in the store before it can be at Flameup. It is claimed at the turn of its upsert, not
 * before: a person who is parked unsent does not hold it.
 */
final class AddressClaims {
    private final ConflictGraph graph;
    private final ClaimStore store;
    private final List<Action> actions;
    private final Deque<Unconfirmed> unconfirmed = new ArrayDeque<>();
    private long numbers;
    private int waiting;

    /**
     * A claim on its way into the store.
     *
     * @param upsert waits for it; null for none
     */
    private record Unconfirmed(
            long number, Person person, @Nullable PendingUpsert upsert) {}

    AddressClaims(ConflictGraph graph, ClaimStore store, List<Action> actions) {
        this.graph = graph;
        this.store = store;
        this.actions = actions;
    }

    /** Returns the hash of an address; {@link PersonState#NO_ADDRESS} for none. */
    long hash(@Nullable String email) {
        return email == null ? PersonState.NO_ADDRESS : store.hash(email);
    }

    /** Whether the person may hold the upsert's address already, or it sets none. */
    boolean cover(PendingUpsert upsert) {
        return upsert.address() == PersonState.NO_ADDRESS
                || upsert.claimsNewAddress()
                || stillHolds(upsert.person(), upsert.address());
    }

    /**
     * Returns the user from whom the upsert would take its address; null for none. Only meaningful at its turn: before,
     * an earlier upsert may release the address, or fail to.
     */
    @Nullable
    String otherHolder(PendingUpsert upsert) {
        long address = upsert.address();
        for (String holder : store.claimants(address)) {
            if (!holder.equals(upsert.userId()) && stillHolds(holder, address)) {
                return holder;
            }
        }
        return null;
    }

    /** The store may not know yet that the address was released. */
    private boolean stillHolds(String holder, long address) {
        Person other = graph.remembered(holder);
        return other == null || stillHolds(other, address);
    }

    /** While a late write is possible, a released address stays claimed, and another person may have taken it. */
    private static boolean stillHolds(Person person, long address) {
        LateWrite late = person.lateWrite();
        return person.holds(address) && (late == null || !late.hasReleased(address));
    }

    /** The person may hold the upsert's address from now on. The upsert waits until the store knows it. */
    void claim(PendingUpsert upsert) {
        if (!upsert.person().holds(upsert.address())) {
            upsert.person().addHeld(upsert.address());
        }
        upsert.claimNewAddress();
        upsert.block();
        waiting++;
        store(upsert.person(), upsert);
    }

    /** The upsert's state was accepted: the person holds its address now, and no other. */
    void accepted(PendingUpsert upsert) {
        Person person = upsert.person();
        if (upsert.address() == PersonState.NO_ADDRESS || person.lateWrite() != null) {
            return;
        }
        long[] claimed = {upsert.address()};
        for (PendingUpsert later = upsert.next(); later != null; later = later.next()) {
            if (later.address() != PersonState.NO_ADDRESS && !Person.contains(claimed, later.address())) {
                claimed = Person.with(claimed, later.address());
            }
        }
        person.claimOnly(claimed);
        if (person.held().length > 1) {
            person.holdOnly(upsert.address());
            store(person, null);
        }
    }

    /** The upsert is parked: the person does not hold its address if every request with it was refused. */
    void parked(PendingUpsert upsert) {
        Person person = upsert.person();
        boolean mayHold = upsert.mayBeApplied() || person.lateWrite() != null;
        if (upsert.claimsNewAddress() && !mayHold) {
            person.removeHeld(upsert.address());
            store(person, null);
        }
    }

    private void store(Person person, @Nullable PendingUpsert upsert) {
        // INVARIANT: a person is remembered until the store knows its claim, because the store is asked next time.
        person.addUnconfirmedClaim();
        unconfirmed.add(new Unconfirmed(++numbers, person, upsert));
        actions.add(new Action.StoreClaim(numbers, person.userId(), person.held()));
    }

    /**
     * The store knows every claim up to this number.
     *
     * @param freed takes the upserts that waited for them
     */
    void confirm(long number, Deque<PendingUpsert> freed) {
        while (!unconfirmed.isEmpty() && unconfirmed.element().number <= number) {
            Unconfirmed claim = unconfirmed.remove();
            claim.person.confirmClaim();
            graph.forgetIfUnused(claim.person);
            if (claim.upsert != null) {
                waiting--;
                claim.upsert.unblock();
                freed.add(claim.upsert);
            }
        }
    }

    /** Whether an upsert waits until the store knows its address. */
    boolean isAnyAwaited() {
        return waiting > 0;
    }
}
