package ai.flameup.sync.standin;

import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the behaviour for each request: the first match, else the next of the queue, else by chance, else the API's own
 * behaviour. Thread-safe.
 */
final class FaultSelector {
    private record Match(Predicate<ReceivedRequest> predicate, Behaviour behaviour) {}

    private final List<Match> matches = new CopyOnWriteArrayList<>();
    private final Queue<Behaviour> queue = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Chance chance;

    void when(Predicate<ReceivedRequest> predicate, Behaviour behaviour) {
        matches.add(new Match(predicate, behaviour));
    }

    void next(Behaviour behaviour) {
        queue.add(behaviour);
    }

    void sometimes(long seed, List<Behaviour.Rated> rated) {
        double sum = rated.stream().mapToDouble(Behaviour.Rated::rate).sum();
        // The sum of ten times 0.1 can be a little more than 1.
        if (sum > 1.000_001) {
            throw new IllegalArgumentException("the sum of the rates must be at most 1, not " + sum);
        }
        chance = sum == 0 ? null : new Chance(new SplittableRandom(seed), List.copyOf(rated));
    }

    void reset() {
        matches.clear();
        queue.clear();
        chance = null;
    }

    Behaviour choose(ReceivedRequest request) {
        for (Match match : matches) {
            if (match.predicate.test(request)) {
                return match.behaviour;
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
        /** Draws one number for each request, so that a seed always gives the same choices. */
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
