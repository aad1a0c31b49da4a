package ai.flameup.sync.bench;

import ai.flameup.sync.standin.AppliedPerson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What arrived at the stand-in, and when. Thread-safe.
 *
 * <p>A change that is looked for says its number in the phone, as {@link #PREFIX} and the number.
 */
final class Arrivals {
    static final String PREFIX = "live-";
    private static final int STEP = 100;

    private final boolean looks;
    private final Map<String, Integer> numberOfUser = new HashMap<>();
    private final Map<Integer, Long> arrivedAt = new HashMap<>();
    private final List<Integer> personsOfRequest = new ArrayList<>();
    /** When each {@link #STEP}th person arrived. */
    private final List<Long> steps = new ArrayList<>();

    private long persons;
    private long request;
    private long first;
    private long last;

    /** @param looks whether persons are parsed, which takes too much time for a benchmark of speed */
    Arrivals(boolean looks) {
        this.looks = looks;
    }

    /** Returns an empty instance with the same setting. */
    Arrivals next() {
        return new Arrivals(looks);
    }

    synchronized void arrived(AppliedPerson applied) {
        persons++;
        last = applied.arrivedNanos();
        first = first == 0 ? last : first;
        if (persons % STEP == 0) {
            steps.add(last);
        }
        if (looks) {
            look(applied);
        }
    }

    private void look(AppliedPerson applied) {
        if (request != applied.request()) {
            request = applied.request();
            personsOfRequest.add(0);
        }
        int index = personsOfRequest.size() - 1;
        personsOfRequest.set(index, personsOfRequest.get(index) + 1);
        String phone = applied.person().path("traits").path("phone").asText("");
        if (phone.startsWith(PREFIX)) {
            int number = Integer.parseInt(phone.substring(PREFIX.length()));
            numberOfUser.put(applied.userId(), number);
            arrivedAt.putIfAbsent(number, applied.arrivedNanos());
        }
    }

    synchronized long persons() {
        return persons;
    }

    /** The {@link System#nanoTime} of the first arrival, on Linux one clock for all processes; 0 before it. */
    synchronized long first() {
        return first;
    }

    synchronized long last() {
        return last;
    }

    /** Persons a second without the first tenth and the last tenth of them; 0 where there are too few. */
    synchronized double steadyPerSecond() {
        int tenth = steps.size() / 10;
        int to = steps.size() - 1 - tenth;
        return tenth == 0 ? 0 : (to - tenth) * STEP * 1e9 / (steps.get(to) - steps.get(tenth));
    }

    /** When this change arrived; 0 where it has not. */
    synchronized long at(int number) {
        return arrivedAt.getOrDefault(number, 0L);
    }

    /** The users of whom this change was the last that arrived. */
    synchronized long usersAt(int number) {
        return numberOfUser.values().stream().filter(one -> one == number).count();
    }

    /** How many persons came with the requests of each window, given how many requests each took. */
    synchronized List<Integer> personsOfWindows(List<Integer> requestsOfWindows) {
        List<Integer> result = new ArrayList<>();
        int from = 0;
        for (int requests : requestsOfWindows) {
            int to = Math.min(personsOfRequest.size(), from + requests);
            result.add(personsOfRequest.subList(from, to).stream()
                    .mapToInt(Integer::intValue)
                    .sum());
            from = to;
        }
        return result;
    }
}
