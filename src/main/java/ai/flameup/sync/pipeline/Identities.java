package ai.flameup.sync.pipeline;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says who has to wait for whom: the API finds a person by user id or by email address, so a work waits for every
 * earlier one that shares its user id, or an address that either of them sets or gives up. For one thread.
 *
 * <p>INVARIANT: of the works that are taken in and not settled, those that wait for nobody share no user id and no
 * address; and who waits for whom follows the order in which they were taken in, so nobody waits in a circle.
 */
final class Identities {
    private static final long[] NONE = {};

    private final Addresses addresses;
    private final Map<String, Person> persons = new HashMap<>();
    /** The last work that sets or gives up an address. */
    private final Map<Long, Work> last = new HashMap<>();

    Identities(Addresses addresses) {
        this.addresses = addresses;
    }

    /** A person with something on the way; forgotten with the last of it. */
    static final class Person {
        private final String userId;
        private long[] held;
        /** What is held, and what the works set that are not settled. */
        private long[] claimed = NONE;

        private boolean known;
        private @Nullable Work last;

        @Nullable
        Twin twin;

        /** How often the store was told what is held, and has not confirmed it. */
        int storing;

        private Person(String userId) {
            this.userId = userId;
            this.held = NONE;
        }

        String userId() {
            return userId;
        }

        /** The last of the works that are not settled. */
        @Nullable
        Work last() {
            return last;
        }

        /** The addresses that the person may hold at Flameup now. Not to be written to. */
        long[] held() {
            return held;
        }
    }

    Person person(String userId) {
        return persons.computeIfAbsent(userId, Person::new);
    }

    /** The hash of an address; null for none. */
    @Nullable
    Long hash(@Nullable String email) {
        return email == null ? null : addresses.hash(email);
    }

    /** Whether the person may hold the work's address at Flameup already. */
    boolean holds(Work work) {
        return work.address == null || contains(held(work.holder), work.address);
    }

    /**
     * The user from whom the work would take its address; null for none. Only to be asked when everything before the work
     * is settled: until then, somebody may yet release the address, or fail to.
     */
    @Nullable
    String heldByAnother(Work work) {
        Long address = work.address;
        if (address == null) {
            return null;
        }
        for (String holder : addresses.holders(address)) {
            if (!holder.equals(work.holder.userId) && stillHolds(holder, address)) {
                return holder;
            }
        }
        return null;
    }

    /** The store may not know yet that the address was released. */
    private boolean stillHolds(String holder, long address) {
        Person other = persons.get(holder);
        if (other == null) {
            return true;
        }
        return contains(held(other), address) && (other.twin == null || !other.twin.hasReleased(address, this::hash));
    }

    /** The person may hold the work's address at Flameup from now on. */
    void hold(Work work) {
        Person person = work.holder;
        if (work.address != null) {
            person.held = with(held(person), work.address);
            work.isNewlyHeld = true;
        }
    }

    /**
     * The work is not sent any more: the person does not hold its address if every request with it was refused.
     *
     * @return whether the person holds less than before
     */
    boolean parked(Work work) {
        Person person = work.holder;
        Long address = work.address;
        if (!work.isNewlyHeld || work.mayBeThere || address == null || person.twin != null) {
            return false;
        }
        person.held = Arrays.stream(person.held).filter(one -> one != address).toArray();
        return true;
    }

    /** Whether the person was delivered before, or will have been by the next work's turn, as far as addresses tell. */
    boolean isKnown(Person person) {
        return claimed(person).length > 0;
    }

    private long[] claimed(Person person) {
        return person.last == null ? held(person) : person.claimed;
    }

    private long[] held(Person person) {
        if (!person.known) {
            person.known = true;
            person.held = addresses.heldBy(person.userId);
        }
        return person.held;
    }

    /** Puts a work behind everything that it has to wait for. */
    void take(Work work) {
        Person person = work.holder;
        Long address = work.address;
        long[] claimed = claimed(person);
        person.claimed = address == null || contains(claimed, address) ? claimed : with(claimed, address);
        // Without an address of its own, it may give up what the person holds.
        work.addresses = person.claimed;
        Work before = person.last;
        person.last = work;
        if (before != null) {
            before.next = work;
            follow(before, work);
        }
        for (long one : work.addresses) {
            Work other = last.put(one, work);
            if (other != null) {
                follow(other, work);
            }
        }
    }

    private static void follow(Work leader, Work follower) {
        leader.followers.add(follower);
        follower.leaders.add(leader);
        follower.blockers++;
    }

    /**
     * A work is not waited for any more.
     *
     * @param freed called with each work that waits for nobody now
     */
    void settle(Work work, Consumer<Work> freed) {
        if (work.blockers > 0) {
            throw new IllegalStateException("what is settled was not at the head of its line");
        }
        for (long address : work.addresses) {
            last.remove(address, work);
        }
        Person person = work.holder;
        if (person.last == work) {
            person.last = null;
            forget(person);
        }
        for (Work follower : work.followers) {
            follower.leaders.remove(work);
            if (--follower.blockers == 0) {
                freed.accept(follower);
            }
        }
        work.followers.clear();
    }

    /** The work takes over the state of the next one of its person. */
    void hollow(Work work, Work newer) {
        work.absorb(newer);
        if (work.holder.last == newer) {
            work.holder.last = work;
        }
    }

    /** Forgets the person, unless something of it is still on the way. */
    void forget(Person person) {
        if (person.last == null && person.twin == null && person.storing == 0) {
            persons.remove(person.userId);
        }
    }

    /**
     * The work's state was accepted: the person holds its address now, and no other.
     *
     * @return whether the person holds less than before
     */
    boolean reduce(Work work) {
        Person person = work.holder;
        Long address = work.address;
        if (address == null || person.twin != null) {
            return false;
        }
        long[] claimed = {address};
        for (Work later = work.next; later != null; later = later.next) {
            Long other = later.address;
            if (other != null && !contains(claimed, other)) {
                claimed = with(claimed, other);
            }
        }
        person.claimed = claimed;
        if (person.held.length <= 1) {
            return false;
        }
        person.held = new long[] {address};
        return true;
    }

    private static boolean contains(long[] held, long address) {
        for (long one : held) {
            if (one == address) {
                return true;
            }
        }
        return false;
    }

    private static long[] with(long[] held, long address) {
        long[] more = Arrays.copyOf(held, held.length + 1);
        more[held.length] = address;
        return more;
    }

    /** For tests: what has to be empty when nothing is on the way. */
    List<Integer> sizes() {
        return List.of(persons.size(), last.size());
    }
}
