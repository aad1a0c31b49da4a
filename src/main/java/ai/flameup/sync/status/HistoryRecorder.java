package ai.flameup.sync.status;

import ai.flameup.sync.observe.Event;
import ai.flameup.sync.observe.History;
import ai.flameup.sync.observe.Sample;
import ai.flameup.sync.observe.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last hour of a job and its last events, bounded in number. Thread-safe. */
public final class HistoryRecorder {
    static final int MAX_SAMPLES = 360;
    static final int MAX_EVENTS = 20;
    private static final Duration HOUR = Duration.ofHours(1);

    private final Deque<Sample> samples = new ArrayDeque<>();
    private final Deque<Event> events = new ArrayDeque<>();
    private final EventDetector detector = new EventDetector();

    /** Adds what earlier processes recorded. Entries from the future are dropped, because the clock was set back. */
    synchronized void restore(History former, Instant now) {
        List<Sample> ownSamples = List.copyOf(samples);
        List<Event> ownEvents = List.copyOf(events);
        samples.clear();
        events.clear();
        former.samples().stream().filter(one -> one.at().isBefore(now)).forEach(this::add);
        former.events().stream().filter(one -> one.at().isBefore(now)).forEach(this::add);
        ownSamples.forEach(this::add);
        ownEvents.forEach(this::add);
    }

    /**
     * Records the events since the former status. To be called every second.
     *
     * @return whether there was one
     */
    synchronized boolean record(Status now) {
        List<Event> found = detector.compare(now);
        found.forEach(this::add);
        return !found.isEmpty();
    }

    /** Adds a sample for the charts. To be called every ten seconds. */
    synchronized void sample(Status now) {
        add(Sample.of(now));
    }

    /** The history at a moment. */
    synchronized History at(Instant now) {
        Instant from = now.minus(HOUR);
        return new History(
                samples.stream().filter(one -> !one.at().isBefore(from)).toList(), List.copyOf(events));
    }

    private void add(Sample sample) {
        if (samples.size() >= MAX_SAMPLES) {
            samples.remove();
        }
        samples.add(sample);
    }

    private void add(Event event) {
        if (events.size() >= MAX_EVENTS) {
            events.remove();
        }
        events.add(event);
    }
}
