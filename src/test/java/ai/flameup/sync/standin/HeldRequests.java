package ai.flameup.sync.standin;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Requests that wait until a test releases them. Thread-safe. */
final class HeldRequests {
    private record Waiting(ReceivedRequest request, EventExecutor executor, Runnable rest) {}

    private final List<Waiting> waiting = new ArrayList<>();

    /**
     * Holds a request.
     *
     * @param executor of the request's connection
     * @param rest what remains to be done with it
     */
    synchronized void hold(ReceivedRequest request, EventExecutor executor, Runnable rest) {
        waiting.add(new Waiting(request, executor, rest));
    }

    synchronized List<ReceivedRequest> requests() {
        return waiting.stream().map(Waiting::request).toList();
    }

    /** Completes the matching requests one by one, in the order in which they were held, and returns their number. */
    int release(Predicate<ReceivedRequest> predicate) {
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

    private synchronized List<Waiting> take(Predicate<ReceivedRequest> predicate) {
        List<Waiting> taken =
                waiting.stream().filter(one -> predicate.test(one.request())).toList();
        waiting.removeAll(taken);
        return taken;
    }
}
