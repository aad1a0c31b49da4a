package ai.flameup.sync.demo;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Requests that wait to be released. Safe for use by many threads. */
final class Held {
    private record Waiting(Arrival arrival, EventExecutor executor, Runnable rest) {}

    private final List<Waiting> waiting = new ArrayList<>();

    /**
     * Keeps what is left to be done with a request.
     *
     * @param executor its connection's
     */
    synchronized void hold(Arrival arrival, EventExecutor executor, Runnable rest) {
        waiting.add(new Waiting(arrival, executor, rest));
    }

    synchronized List<StandIn.Request> requests() {
        return waiting.stream().map(one -> one.arrival().request()).toList();
    }

    /** Each is done before the next one begins, in the order in which they were held, and all of them on return. */
    int release(Predicate<StandIn.Request> predicate) {
        List<Waiting> released = take(predicate);
        for (Waiting one : released) {
            if (one.executor().inEventLoop()) {
                one.rest().run();
            } else {
                one.executor().submit(one.rest()).syncUninterruptibly();
            }
        }
        return released.size();
    }

    private synchronized List<Waiting> take(Predicate<StandIn.Request> predicate) {
        List<Waiting> taken = waiting.stream()
                .filter(one -> predicate.test(one.arrival().request()))
                .toList();
        waiting.removeAll(taken);
        return taken;
    }
}
