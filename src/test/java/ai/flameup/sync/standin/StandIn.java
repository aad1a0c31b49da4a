package ai.flameup.sync.standin;

import ai.flameup.sync.demo.StoredPerson;
import ai.flameup.sync.fault.Fault;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A stand-in for Flameup's people API on a port of 127.0.0.1. It applies the API's documented rules to persons in memory,
 * and behaves as a test says. Settings and behaviours apply from the next request on. Thread-safe.
 */
public final class StandIn implements AutoCloseable {
    private final ApiClock clock;
    private final ApiHeaders headers;
    private final RateLimit limit;
    private final FaultSelector faults = new FaultSelector();
    private final HeldRequests held = new HeldRequests();
    private final RecordingApi api = new RecordingApi();
    private final Traffic traffic = new Traffic();
    private final NettyServer server;

    private StandIn(int port, InstantSource source) {
        clock = new ApiClock(source);
        headers = new ApiHeaders(clock);
        limit = new RateLimit(clock);
        server = new NettyServer(
                port,
                new ServerParts(
                        request -> Exchange.of(request, limit, faults), api, held, new Responses(headers), traffic));
    }

    /** Starts a stand-in on any free port. */
    public static StandIn start() {
        return start(0);
    }

    /**
     * Starts a stand-in.
     *
     * @param port 0 for any free port
     * @throws Fault if it cannot listen on the port
     */
    public static StandIn start(int port) {
        return new StandIn(port, InstantSource.system());
    }

    /** Starts a stand-in on any free port, with this clock for rate limit and dates. */
    static StandIn start(InstantSource source) {
        return new StandIn(0, source);
    }

    /** Returns {@code http://127.0.0.1:PORT}. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** Sets the only accepted token, at first {@code demo-token}. Any other one is refused with 401. */
    public StandIn token(String token) {
        api.token(token);
        return this;
    }

    /** Sets the only workspace, at first {@code demo}. Any other one is refused with 404. */
    public StandIn workspace(String workspace) {
        api.workspace(workspace);
        return this;
    }

    /** Sets whether {@link #history} records further persons, at first true. Each person costs memory. */
    public StandIn keepHistory(boolean keep) {
        api.keepHistory(keep);
        return this;
    }

    /**
     * Sets whether traits are stored, at first true. A benchmark does without, because storing the traits of a million
     * persons would measure the stand-in.
     */
    public StandIn keepTraits(boolean keep) {
        api.keepTraits(keep);
        return this;
    }

    /**
     * Sets a consumer for each applied person, in the order of application. It replaces the previous consumer.
     *
     * @param consumer called by the server's threads under a lock: it must be quick, and must not call this stand-in
     */
    public StandIn onPerson(Consumer<AppliedPerson> consumer) {
        api.onPerson(consumer);
        return this;
    }

    /** Sets how batches are treated, at first {@link BatchManner#ATOMIC}. */
    public StandIn batches(BatchManner manner) {
        api.batches(manner);
        return this;
    }

    /** Sets the order within a batch, at first {@link BatchOrder#AS_SENT}. */
    public StandIn batchOrder(BatchOrder order) {
        api.batchOrder(order);
        return this;
    }

    /**
     * Limits the rate of requests, for all calls together. Without a limit, no header mentions one. A window opens with
     * the first request after the previous window has ended. A window of whole seconds is shortened by less than a
     * second, so that it ends on a whole second, because X-RateLimit-Reset states whole seconds. Every request counts,
     * except those that are refused with 429, which use up no behaviour either.
     *
     * <p>When set again, the limit applies at once, and the length from the next window on.
     *
     * @param requests not negative
     * @param window at least 1 ms
     */
    public StandIn budget(int requests, Duration window) {
        limit.set(requests, window);
        return this;
    }

    /** Removes the rate limit, and ends the window. */
    public StandIn noBudget() {
        limit.none();
        return this;
    }

    /** Sets whether a 429 of the rate limit has Retry-After, in seconds, rounded up; at first false. */
    public StandIn retryAfter(boolean add) {
        headers.retryAfter(add);
        return this;
    }

    /** Sets how far the API's clock, which gives Date and X-RateLimit-Reset, is ahead of ours; negative: behind. */
    public StandIn clockOffset(Duration offset) {
        clock.offset(offset);
        return this;
    }

    /** Omits these headers, unless a behaviour adds them. It replaces the previous list. */
    public StandIn without(String... names) {
        headers.without(List.of(names));
        return this;
    }

    /** Returns every person as it is now, in the order of creation. */
    public List<StoredPerson> persons() {
        return api.people().all();
    }

    /** Returns the number of persons; cheap. */
    public int personCount() {
        return api.people().count();
    }

    /** Returns every person that was applied while the history was kept, in the order of application. */
    public List<AppliedPerson> history() {
        return api.history();
    }

    /** Returns the number of requests that arrived, including those without a response. */
    public long requests() {
        return traffic.requests();
    }

    /** Returns the number of requests that the rate limit refused. */
    public long requests429() {
        return limit.refused();
    }

    /** Returns the granted requests of each window of the rate limit, the first window first; the last may be open. */
    public List<Integer> windows() {
        return limit.windows();
    }

    /**
     * Returns the maximum of requests in flight so far. A request whose connection was closed is not in flight. Without a
     * delay, a request is in flight for microseconds: to see what a client allows itself, delay the responses.
     */
    public int maxInFlight() {
        return traffic.max();
    }

    /** Sets the behaviour for the next request that no match applies to. Several are used in their order. */
    public StandIn next(Behaviour behaviour) {
        faults.next(behaviour);
        return this;
    }

    /**
     * Sets a behaviour for random requests, if nothing else applies to them. It replaces the previous setting.
     *
     * @param rate from 0, never, to 1, always
     */
    public StandIn sometimes(double rate, long seed, Behaviour behaviour) {
        faults.sometimes(seed, List.of(behaviour.atRate(rate)));
        return this;
    }

    /**
     * Sets several behaviours for random requests. At most one of them applies to a request. One number is drawn for each
     * request, in the order of arrival.
     *
     * @param rated with rates whose sum is at most 1, see {@link Behaviour#atRate}
     */
    public StandIn sometimes(long seed, List<Behaviour.Rated> rated) {
        faults.sometimes(seed, rated);
        return this;
    }

    /**
     * Sets a behaviour for every request that matches. Matches come before everything else, in the order of these calls.
     *
     * @param predicate called by the server's threads
     */
    public StandIn when(Predicate<ReceivedRequest> predicate, Behaviour behaviour) {
        faults.when(predicate, behaviour);
        return this;
    }

    /** Matches the requests that contain one of these user ids, upserts and batches. */
    public static Predicate<ReceivedRequest> about(String... userIds) {
        Set<String> wanted = Set.of(userIds);
        return request -> request.userIds().stream().anyMatch(wanted::contains);
    }

    /** Returns the held requests, in the order in which they were held. */
    public List<ReceivedRequest> held() {
        return held.requests();
    }

    /** Releases all held requests, see {@link #release(Predicate)}. */
    public int release() {
        return release(request -> true);
    }

    /**
     * Releases these held requests in the order in which they were held. On return, each is applied and its response is
     * handed to the system. The server's threads must not call it.
     *
     * @return how many requests were released
     */
    public int release(Predicate<ReceivedRequest> predicate) {
        return held.release(predicate);
    }

    /** Removes all behaviours. A behaviour that has begun continues, and held requests stay held. */
    public StandIn reset() {
        faults.reset();
        return this;
    }

    /** Closes every connection, and waits for the threads to end. Persons and history can still be read. */
    @Override
    public void close() {
        server.close();
    }
}
