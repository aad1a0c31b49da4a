package ai.flameup.sync.pipeline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps what is in flight, in the time of a test. */
final class ModelInFlightLog implements InFlightLog {
    private final long kept;
    private final Map<Integer, Entry> entries = new HashMap<>();
    private int numbers;
    long now;

    private record Entry(RequestTrace trace, long ends) {}

    ModelInFlightLog(long kept) {
        this.kept = kept;
    }

    @Override
    public List<RequestTrace.Unanswered> unanswered() {
        entries.values().removeIf(entry -> entry.ends <= now);
        return entries.values().stream()
                .map(entry -> new RequestTrace.Unanswered(entry.trace, entry.ends - now))
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
    public void late(int number) {}
}
