package ai.flameup.sync.pipeline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Keeps what is in flight, in the time of a test. */
final class ModelInFlightLog implements InFlightLog {
    private final long kept;
    private final LongSupplier position;
    private final Map<Integer, Entry> entries = new HashMap<>();
    private int numbers;
    long now;

    private record Entry(RequestTrace trace, long ends) {}

    /**
     * @param position returns the stored one
     */
    ModelInFlightLog(long kept, LongSupplier position) {
        this.kept = kept;
        this.position = position;
    }

    @Override
    public List<RequestTrace.Unanswered> unanswered() {
        entries.values()
                .removeIf(entry ->
                        entry.ends <= now && entry.trace.position().resumeAt().value() < position.getAsLong());
        return entries.values().stream()
                .map(entry -> new RequestTrace.Unanswered(entry.trace, Math.max(0, entry.ends - now)))
                .toList();
    }

    @Override
    public int sent(RequestTrace trace) {
        entries.put(numbers, new Entry(trace, now + kept));
        return numbers++;
    }

    @Override
    public void answered(int number) {
        entries.remove(number);
    }

    @Override
    public void unclear(int number) {
        entries.computeIfPresent(number, (any, entry) -> new Entry(entry.trace, now));
    }

    @Override
    public void late(int number) {}
}
