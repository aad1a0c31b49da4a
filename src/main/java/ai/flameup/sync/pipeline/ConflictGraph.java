package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which upsert waits for which. The API finds a person by user id or by email address, so an upsert waits for every
 * earlier one that shares its user id, or an address that either of them sets or releases. For one thread.
 *
 * <p>INVARIANT: of the unsettled upserts, those that wait for no other share no user id and no address. An upsert only
 * waits for earlier ones, so no circle of waiting upserts exists.
 */
final class ConflictGraph {
    private final Ledger ledger;
    private final Map<String, Person> persons = new HashMap<>();
    /** In the order of their arrival. */
    private final Set<PendingUpsert> unsettled = new LinkedHashSet<>();
    /** The last upsert that sets or releases an address. */
    private final LongMap<PendingUpsert> lastByAddress = new LongMap<>();

    ConflictGraph(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Returns the person, which is remembered from now on. */
    Person person(String userId) {
        Person person = persons.get(userId);
        if (person == null) {
            person = new Person(userId, ledger);
            persons.put(userId, person);
        }
        return person;
    }

    /** Returns the person if it is remembered; null otherwise. */
    @Nullable
    Person remembered(String userId) {
        return persons.get(userId);
    }

    /** Returns the person's last unsettled upsert; null if there is none. */
    @Nullable
    PendingUpsert last(Person person) {
        ConflictNode<?> last = person.last();
        return last == null ? null : (PendingUpsert) last;
    }

    /** Puts an upsert behind everything that it has to wait for. */
    void add(PendingUpsert upsert) {
        unsettled.add(upsert);
        Person person = upsert.person();
        // Even without an address of its own, it may release what the person holds.
        upsert.addresses(person.claim(upsert.address()));
        PendingUpsert before = last(person);
        person.last(upsert);
        if (before != null) {
            before.next(upsert);
            upsert.follow(before);
        }
        for (long address : upsert.addresses()) {
            PendingUpsert other = lastByAddress.put(address, upsert);
            if (other != null) {
                upsert.follow(other);
            }
        }
    }

    /**
     * Takes a settled upsert out.
     *
     * @param freed takes each upsert that waits for nothing any more
     */
    void settle(PendingUpsert upsert, ArrayDeque<PendingUpsert> freed) {
        if (upsert.isBlocked()) {
            throw new IllegalStateException("an upsert is settled before those that it waits for");
        }
        unsettled.remove(upsert);
        upsert.unmarkUnsent();
        for (long address : upsert.addresses()) {
            lastByAddress.remove(address, upsert);
        }
        Person person = upsert.person();
        if (person.last() == upsert) {
            person.endClaims();
            forgetIfUnused(person);
        }
        upsert.release(freed);
    }

    /** An upsert that has to be sent again takes the state of its successor. */
    void absorb(PendingUpsert upsert, PendingUpsert successor) {
        upsert.absorb(successor);
        Person person = upsert.person();
        if (person.last() == successor) {
            person.last(upsert);
        }
    }

    /** Forgets the person, unless something of it is pending or has to be remembered. */
    void forgetIfUnused(Person person) {
        if (!person.isRemembered()) {
            persons.remove(person.userId());
        }
    }

    /** Returns the upserts that are not settled, in the order of their arrival. Must not be modified. */
    Collection<PendingUpsert> unsettled() {
        return unsettled;
    }

    /** For tests: the sizes of what has to be empty when nothing is pending. */
    List<Integer> sizes() {
        return List.of(persons.size(), lastByAddress.size());
    }
}
