package ai.flameup.sync.pipeline;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps what is in flight, in the time of a test. */
final class ModelInFlightLog implements InFlightLog {
    private final long kept;
    private final Map<Integer, Entry> entries = new HashMap<>();
    /** The numbers of what earlier processes left. */
    private final Set<Integer> left = new HashSet<>();

    private int numbers;
    long now;

    private record Entry(RequestTrace trace, long ends) {}

    ModelInFlightLog(long kept) {
        this.kept = kept;
    }

    @Override
    public List<RequestTrace.Unanswered> unanswered() {
        left.addAll(entries.keySet());
        return entries.values().stream()
                .map(entry -> new RequestTrace.Unanswered(entry.trace, Math.max(0, entry.ends - now)))
                .toList();
    }

    void clear() {
        entries.clear();
        left.clear();
    }

    @Override
    public void forget(long person) {
        entries.entrySet()
                .removeIf(entry ->
                        left.contains(entry.getKey()) && entry.getValue().trace.person() == person);
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
