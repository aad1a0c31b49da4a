package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.StateHashes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ledger entries of the persons with pending upserts: which addresses each may hold at Flameup, and what the API
 * accepted last. For one thread.
 *
 * <p>INVARIANT: an address is in the store before it can be at Flameup. It is claimed at the turn of its upsert, not
 * before: a person who is parked unsent does not hold it.
 */
final class AddressClaims {
    private final ConflictGraph graph;
    private final Ledger ledger;
    private final LedgerUpdates updates;

    AddressClaims(ConflictGraph graph, Ledger ledger, LedgerUpdates updates) {
        this.graph = graph;
        this.ledger = ledger;
        this.updates = updates;
    }

    /** Returns the hash of an address; {@link PersonState#NO_ADDRESS} for none. */
    long hash(@Nullable String email) {
        return email == null ? PersonState.NO_ADDRESS : ledger.hash(email);
    }

    /** Whether the person may hold the upsert's address already, or it sets none. */
    boolean cover(PendingUpsert upsert) {
        return upsert.address() == PersonState.NO_ADDRESS
                || upsert.claimsNewAddress()
                || stillHolds(upsert.person(), upsert.address());
    }

    /**
     * Returns the users from whom the upsert would take its address. Only meaningful at its turn: before, an earlier upsert may
     * release the address, or fail to.
     */
    List<String> otherHolders(PendingUpsert upsert) {
        long address = upsert.address();
        List<String> others = new ArrayList<>(0);
        for (String holder : ledger.claimants(address)) {
            if (!holder.equals(upsert.userId()) && stillHolds(holder, address)) {
                others.add(holder);
            }
        }
        return others;
    }

    /** Reports that the person takes its own address once more from another who holds it as well. */
    void reportSharing(PendingUpsert upsert, List<Action> actions) {
        if (upsert.address() != PersonState.NO_ADDRESS && !upsert.claimsNewAddress()) {
            otherHolders(upsert).stream()
                    .findFirst()
                    .ifPresent(holder -> actions.add(new Action.ReportAddressConflict(upsert.userId(), holder)));
        }
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
        Person person = upsert.person();
        upsert.claimNewAddress();
        updates.store(
                person,
                person.holds(upsert.address())
                        ? person.entry()
                        : person.entry().withAddresses(Person.with(person.held(), upsert.address())));
        updates.await(upsert);
    }

    /**
     * The upsert's state was accepted: the person holds its address now, and no other.
     *
     * @param mustRepeat whether a late write may undo that
     */
    void accepted(PendingUpsert upsert, boolean mustRepeat) {
        Person person = upsert.person();
        int[] carried = ledger.hashes(upsert.state().upsert());
        LedgerEntry entry = person.entry()
                .accepted(
                        upsert.state().position(),
                        mustRepeat,
                        upsert.state().isDeletion() ? StateHashes.ofDeletion(carried) : carried);
        if (upsert.address() != PersonState.NO_ADDRESS && person.lateWrite() == null) {
            person.claimOnly(claimedWith(upsert));
            entry = entry.withAddresses(new long[] {upsert.address()});
        }
        updates.store(person, entry);
    }

    /** Returns the upsert's address and those that later upserts of its person set. */
    private static long[] claimedWith(PendingUpsert upsert) {
        long[] claimed = {upsert.address()};
        for (PendingUpsert later = upsert.next(); later != null; later = later.next()) {
            if (later.address() != PersonState.NO_ADDRESS && !Person.contains(claimed, later.address())) {
                claimed = Person.with(claimed, later.address());
            }
        }
        return claimed;
    }

    /** The upsert takes its address from all others who may hold it: what the API has of them is no longer known. */
    void taken(PendingUpsert upsert) {
        for (String holder : ledger.claimants(upsert.address())) {
            if (!holder.equals(upsert.userId())) {
                Person person = graph.person(holder);
                mayBeApplied(person);
                graph.forgetIfUnused(person);
            }
        }
    }

    /** A request of the person has ended without a clear answer. */
    void mayBeApplied(Person person) {
        if (person.entry().hashes().length > 0) {
            updates.store(person, person.entry().withoutHashes());
        }
    }

    /** The upsert is parked or deferred: the person does not hold its address if no request with it may have been applied. */
    void unsent(PendingUpsert upsert) {
        Person person = upsert.person();
        boolean mayHold = upsert.mayBeApplied() || person.lateWrite() != null;
        if (mayHold) {
            mayBeApplied(person);
        } else if (upsert.claimsNewAddress()) {
            updates.store(person, person.entry().withAddresses(Person.without(person.held(), upsert.address())));
        }
    }
}
