package ai.flameup.sync.demo;

import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what happens to each request: what its match says (the match that was added first), else what comes next in
 * the queue, else what chance says, else nothing special. Safe for use by many threads.
 */
final class Faults {
    private record Match(Predicate<StandIn.Request> predicate, Behaviour behaviour) {}

    private final List<Match> matches = new CopyOnWriteArrayList<>();
    private final Queue<Behaviour> queue = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Chance chance;

    void when(Predicate<StandIn.Request> predicate, Behaviour behaviour) {
        matches.add(new Match(predicate, behaviour));
    }

    void next(Behaviour behaviour) {
        queue.add(behaviour);
    }

    void sometimes(long seed, List<Behaviour.Rated> rated) {
        double sum = rated.stream().mapToDouble(Behaviour.Rated::rate).sum();
        // A hair more than 1 is what ten times 0.1 may come to.
        if (sum > 1.000_001) {
            throw new IllegalArgumentException("rates are 1 together at most, not " + sum);
        }
        chance = sum == 0 ? null : new Chance(new SplittableRandom(seed), List.copyOf(rated));
    }

    void reset() {
        matches.clear();
        queue.clear();
        chance = null;
    }

    Behaviour choose(Arrival arrival) {
        // Without matches nobody looks into the request, and making a tree of it is what costs most.
        if (!matches.isEmpty()) {
            StandIn.Request request = arrival.request();
            for (Match match : matches) {
                if (match.predicate.test(request)) {
                    return match.behaviour;
                }
            }
        }
        Behaviour next = queue.poll();
        if (next != null) {
            return next;
        }
        Chance now = chance;
        return now == null ? Behaviour.ok() : now.draw();
    }

    private record Chance(SplittableRandom random, List<Behaviour.Rated> rated) {
        /** One number a request, whatever is said for it, so that a seed says the same again. */
        Behaviour draw() {
            double left = number();
            for (Behaviour.Rated one : rated) {
                if (left < one.rate()) {
                    return one.behaviour();
                }
                left -= one.rate();
            }
            return Behaviour.ok();
        }

        private double number() {
            synchronized (random) {
                return random.nextDouble();
            }
        }
    }
}
