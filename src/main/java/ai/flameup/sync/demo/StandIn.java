package ai.flameup.sync.demo;

import ai.flameup.sync.fault.Fault;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for Flameup's people API on a port of 127.0.0.1: it keeps persons by the API's own rules, answers as it
 * does, and misbehaves as it is told. For the demo and the tests; everything is in memory. Safe for use by many
 * threads; settings and faults hold from the next request on.
 */
public final class StandIn implements AutoCloseable {
    private final StandInParts parts;
    private final StandInServer server;

    private StandIn(int port, InstantSource source) {
        parts = StandInParts.of(source);
        token("demo-token").workspace("demo");
        server = new StandInServer(port, parts);
    }

    /** On any free port. */
    public static StandIn start() {
        return start(0);
    }

    /**
     * On this port.
     *
     * @param port 0 for any free one
     * @throws Fault where the port cannot be had
     */
    public static StandIn start(int port) {
        return new StandIn(port, InstantSource.system());
    }

    /** On any free port, with a clock handed in for budgets and dates. */
    static StandIn start(InstantSource source) {
        return new StandIn(0, source);
    }

    /** {@code http://127.0.0.1:PORT}. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** The token that is accepted, {@code demo-token} if none is given; any other is answered with 401. */
    public StandIn token(String token) {
        parts.api().token(token);
        return this;
    }

    /** The workspace that there is, {@code demo} if none is given; any other is answered with 404. */
    public StandIn workspace(String workspace) {
        parts.api().workspace(workspace);
        return this;
    }

    /** Whether {@link #history} goes on; it costs memory for each person applied. */
    public StandIn keepHistory(boolean keep) {
        parts.people().keepHistory(keep);
        return this;
    }

    /**
     * Whether traits are kept, and merged, from now on: for a benchmark, where a million persons and their traits
     * would measure the stand-in.
     */
    public StandIn keepTraits(boolean keep) {
        parts.people().keepTraits(keep);
        return this;
    }

    /**
     * Called for each person that is applied, in the order of application; replaces the one before. Costs little,
     * unlike the history.
     *
     * @param consumer called on the server's threads with everything else waiting for it: it must be quick, and never
     *     call this stand-in
     */
    public StandIn onPerson(Consumer<Applied> consumer) {
        parts.people().onPerson(consumer);
        return this;
    }

    /** What is done with batches, {@link BatchManner#ATOMIC} if nothing is said. */
    public StandIn batches(BatchManner manner) {
        parts.api().batches(manner);
        return this;
    }

    /** The order within a batch, {@link BatchOrder#AS_SENT} if nothing is said. */
    public StandIn batchOrder(BatchOrder order) {
        parts.api().batchOrder(order);
        return this;
    }

    /**
     * How many requests are taken, all calls together; without it there is no limit, and no header tells of one. A
     * window opens with the first request after the one before has ended. One of whole seconds is shortened by less
     * than a second, so that it ends on a whole second, which is what X-RateLimit-Reset can say. Every request counts,
     * whatever becomes of it, but one that is refused with 429, for which no fault is used up either.
     *
     * <p>Said again, the limit holds at once, the length from the next window on.
     *
     * @param requests not negative
     * @param window 1 ms or more
     */
    public StandIn budget(int requests, Duration window) {
        parts.budget().set(requests, window);
        return this;
    }

    /** No limit any more; the window ends. */
    public StandIn noBudget() {
        parts.budget().none();
        return this;
    }

    /** Whether a 429 of the budget says Retry-After, in seconds, rounded up; it does not if nothing is said. */
    public StandIn retryAfter(boolean add) {
        parts.headers().retryAfter(add);
        return this;
    }

    /** How far the API's clock, by which Date and X-RateLimit-Reset are, is ahead of ours; negative: behind. */
    public StandIn clockOffset(Duration offset) {
        parts.clock().offset(offset);
        return this;
    }

    /** Leaves these headers out, unless a behaviour says them; replaces what was left out before. */
    public StandIn without(String... headers) {
        parts.headers().without(List.of(headers));
        return this;
    }

    /** Every person as it is now, in the order in which they were created. */
    public List<Person> persons() {
        return parts.people().all().stream().map(People.Kept::person).toList();
    }

    /** The same one by one, where all at once would not fit into memory. */
    public void forEachPerson(Consumer<Person> consumer) {
        parts.people().all().forEach(kept -> consumer.accept(kept.person()));
    }

    /** How many persons there are; cheap. */
    public int personCount() {
        return parts.people().count();
    }

    /** Every person applied while the history was kept, in the order of application. */
    public List<Call> history() {
        return parts.people().history();
    }

    /** Every request that arrived, whatever became of it. */
    public long requests() {
        return parts.traffic().requests();
    }

    /** The requests that the budget refused. */
    public long requests429() {
        return parts.budget().refused();
    }

    /** The requests that each window of the budget took so far, the first window first; the last one may be open. */
    public List<Integer> windows() {
        return parts.budget().windows();
    }

    /**
     * The most requests held at once so far; one whose connection was closed is no longer held. A request without a
     * delay is held for microseconds: to see what a client allows itself, delay the answers.
     */
    public int maxInFlight() {
        return parts.traffic().most();
    }

    /** For the next request that no match takes; several wait their turn, first in, first out. */
    public StandIn next(Behaviour behaviour) {
        parts.faults().next(behaviour);
        return this;
    }

    /**
     * For requests at random, where nothing else is said for them; replaces what was said so before.
     *
     * @param rate from 0, never, to 1, always
     */
    public StandIn sometimes(double rate, long seed, Behaviour behaviour) {
        parts.faults().sometimes(seed, List.of(behaviour.atRate(rate)));
        return this;
    }

    /**
     * As {@link #sometimes(double, long, Behaviour)}, for several; at most one of them befalls a request, drawn with one
     * number in the order of arrival.
     *
     * @param faults with rates that are 1 together at most, see {@link Behaviour#atRate}
     */
    public StandIn sometimes(long seed, List<Behaviour.Rated> faults) {
        parts.faults().sometimes(seed, faults);
        return this;
    }

    /**
     * For every request that matches; goes before everything else, and among several the one that was said first.
     *
     * @param predicate asked on the server's threads
     */
    public StandIn when(Predicate<Request> predicate, Behaviour behaviour) {
        parts.faults().when(predicate, behaviour);
        return this;
    }

    /** The requests about one of these user ids, be it an upsert or a batch. */
    public static Predicate<Request> about(String... userIds) {
        Set<String> wanted = Set.of(userIds);
        return request -> request.userIds().stream().anyMatch(wanted::contains);
    }

    /** The requests that are held now, in the order in which they came to be. */
    public List<Request> held() {
        return parts.held().requests();
    }

    /** Lets every request go on that is held, see {@link #release(Predicate)}. */
    public int release() {
        return release(request -> true);
    }

    /**
     * Lets these go on that are held, in the order in which they came to be; on return each is applied, and its answer
     * handed to the system. Not to be called on the server's threads.
     *
     * @return how many there were
     */
    public int release(Predicate<Request> predicate) {
        return parts.held().release(predicate);
    }

    /** No more faults; what has begun goes on, and what is held stays held. */
    public StandIn reset() {
        parts.faults().reset();
        return this;
    }

    /** Closes every connection and waits for the threads to end; what was kept can still be read. */
    @Override
    public void close() {
        server.close();
    }

    /**
     * A person that is kept.
     *
     * @param id the vendor's own
     * @param traits one that was set to null is JSON's null
     */
    public record Person(
            String id,
            @Nullable String externalId,
            @Nullable String email,
            Map<String, JsonNode> traits) {}

    /**
     * A person that was applied.
     *
     * @param number in the order of application, from 1
     * @param at when it was applied
     * @param person as it was sent
     * @param request the number of the request that it came with, from 1
     * @param batch whether that was a batch
     * @param arrivedNanos {@link System#nanoTime} when all of that request was here
     */
    public record Call(
            long number, Instant at, String userId, JsonNode person, long request, boolean batch, long arrivedNanos) {}

    /**
     * A request that arrived.
     *
     * @param number in the order of arrival, from 1
     * @param path decoded, without the query
     * @param userId empty where there is none, as in a batch
     * @param userIds one for an upsert, all of a batch, in its order; a person without one is left out
     * @param body a missing node where it is not JSON
     */
    public record Request(
            long number, String method, String path, String userId, List<String> userIds, JsonNode body) {}
}
