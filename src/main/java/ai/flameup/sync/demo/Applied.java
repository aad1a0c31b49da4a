package ai.flameup.sync.demo;

/**
 * A person that was just applied, for those who watch: cheap, because nothing is read or copied before it is asked for.
 * Immutable.
 */
public final class Applied {
    private final long number;
    private final SentPerson person;
    private final Arrival arrival;

    Applied(long number, SentPerson person, Arrival arrival) {
        this.number = number;
        this.person = person;
        this.arrival = arrival;
    }

    /** In the order of application, from 1. */
    public long number() {
        return number;
    }

    /** The number of the request that it came with, from 1. */
    public long request() {
        return arrival.number();
    }

    public String userId() {
        return person.userId();
    }

    /** {@link System#nanoTime} when all of its request was here. */
    public long arrivedNanos() {
        return arrival.nanos();
    }

    /** The person as it was sent; made anew at each call. */
    public String json() {
        return person.json().toString();
    }
}
