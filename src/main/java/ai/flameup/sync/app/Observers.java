package ai.flameup.sync.app;

import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.observe.Sample;
import ai.flameup.sync.observe.Status;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * Whoever shows a job's status to somebody: opened before the first look, closed after the last word, in reverse. For one
 * thread; the suppliers may be asked from any, at any time.
 */
final class Observers implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private Observers() {}

    static Observers none() {
        return new Observers();
    }

    static Observers open(ObserveSettings settings, Supplier<Status> status, Supplier<List<Sample>> samples) {
        return new Observers();
    }

    @Override
    public void close() {
        open.clear();
    }
}
