package ai.flameup.sync.pipeline;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which upsert waits for which. The API finds a person by user id or by email address, so an upsert waits for every
 * earlier one that shares its user id, or an address that either of them sets or releases. For one thread.
 *
 * <p>INVARIANT: of the unsettled upserts, those that wait for no other share no user id and no address. An upsert only
 * waits for earlier ones, so no circle of waiting upserts exists.
 */
final class ConflictGraph {
    private final ClaimStore store;
    private final Map<String, Entry> persons = new HashMap<>();
    /** The last upsert that sets or releases an address. */
    private final Map<Long, PendingUpsert> lastByAddress = new HashMap<>();

    private static final class Entry {
        final Person person;
        /** The person's last unsettled upsert. */
        @Nullable
        PendingUpsert last;

        Entry(Person person) {
            this.person = person;
        }
    }

    ConflictGraph(ClaimStore store) {
        this.store = store;
    }

    /** Returns the person, which is remembered from now on. */
    Person person(String userId) {
        Entry entry = persons.get(userId);
        if (entry == null) {
            entry = new Entry(new Person(userId, store));
            persons.put(userId, entry);
        }
        return entry.person;
    }

    /** Returns the person if it is remembered; null otherwise. */
    @Nullable
    Person remembered(String userId) {
        Entry entry = persons.get(userId);
        return entry == null ? null : entry.person;
    }

    /** Returns the person's last unsettled upsert; null if there is none. */
    @Nullable
    PendingUpsert last(Person person) {
        Entry entry = persons.get(person.userId());
        return entry == null ? null : entry.last;
    }

    /** Puts an upsert behind everything that it has to wait for. */
    void add(PendingUpsert upsert) {
        Entry entry = entry(upsert);
        // Even without an address of its own, it may release what the person holds.
        upsert.addresses(entry.person.claim(upsert.address()));
        PendingUpsert before = entry.last;
        entry.last = upsert;
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
        for (long address : upsert.addresses()) {
            lastByAddress.remove(address, upsert);
        }
        // A superseded upsert may outlast its person.
        Entry entry = persons.get(upsert.userId());
        if (entry != null && entry.last == upsert) {
            entry.last = null;
            entry.person.endClaims();
            forgetIfUnused(entry);
        }
        upsert.release(freed);
    }

    /** An upsert that has to be sent again takes the state of its successor. */
    void absorb(PendingUpsert upsert, PendingUpsert successor) {
        upsert.absorb(successor);
        Entry entry = entry(upsert);
        if (entry.last == successor) {
            entry.last = upsert;
        }
    }

    /** Forgets the person, unless something of it is pending or has to be remembered. */
    void forgetIfUnused(Person person) {
        Entry entry = persons.get(person.userId());
        if (entry != null) {
            forgetIfUnused(entry);
        }
    }

    private void forgetIfUnused(Entry entry) {
        if (entry.last == null && !entry.person.isRemembered()) {
            persons.remove(entry.person.userId());
        }
    }

    private Entry entry(PendingUpsert upsert) {
        Entry entry = persons.get(upsert.userId());
        if (entry == null) {
            throw new IllegalStateException("the person of a pending upsert is forgotten");
        }
        return entry;
    }

    /** For tests: the sizes of what has to be empty when nothing is pending. */
    List<Integer> sizes() {
        return List.of(persons.size(), lastByAddress.size());
    }
}
