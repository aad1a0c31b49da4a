package ai.flameup.sync.pipeline;

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

        /** The addresses that the person may hold. Not to be written to. */
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

    /**
     * Whom the person would take the address from with nothing on the way to release it; null for nobody.
     */
    @Nullable
    String heldByAnother(Person person, @Nullable Long address) {
        if (address == null || contains(held(person), address)) {
            return null;
        }
        for (String holder : addresses.holders(address)) {
            if (!holder.equals(person.userId) && !isReleasing(holder, address)) {
                return holder;
            }
        }
        return null;
    }

    private boolean isReleasing(String holder, long address) {
        Person other = persons.get(holder);
        Work newest = other == null ? null : other.last;
        return newest != null && newest.address != null && newest.address != address;
    }

    private long[] held(Person person) {
        if (!person.known) {
            person.known = true;
            person.held = addresses.heldBy(person.userId);
        }
        return person.held;
    }

    /**
     * Puts a work behind everything that it has to wait for.
     *
     * @return whether the person has come to hold an address that the store does not know
     */
    boolean take(Work work) {
        Person person = work.holder;
        Long address = work.address;
        boolean added = false;
        if (address != null) {
            long[] held = held(person);
            if (!contains(held, address)) {
                added = true;
                person.held = with(held, address);
            }
            work.addresses = person.held;
        } else {
            // It may give up what the person holds.
            work.addresses = held(person);
        }
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
        return added;
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
     * The work's state was accepted: the person holds its address now, and what later works set.
     *
     * @return whether the person holds less than before
     */
    boolean reduce(Work work) {
        Person person = work.holder;
        Long address = work.address;
        if (address == null || person.twin != null || person.held.length <= 1) {
            return false;
        }
        long[] held = {address};
        for (Work later = work.next; later != null; later = later.next) {
            Long other = later.address;
            if (other != null && !contains(held, other)) {
                held = with(held, other);
            }
        }
        if (held.length == person.held.length) {
            return false;
        }
        person.held = held;
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
        long[] more = java.util.Arrays.copyOf(held, held.length + 1);
        more[held.length] = address;
        return more;
    }

    /** For tests: what has to be empty when nothing is on the way. */
    List<Integer> sizes() {
        return List.of(persons.size(), last.size());
    }
}
