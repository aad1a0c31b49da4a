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

    void sometimes(double rate, long seed, Behaviour behaviour) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("a rate is from 0 to 1, not " + rate);
        }
        chance = rate == 0 ? null : new Chance(rate, new SplittableRandom(seed), behaviour);
    }

    void reset() {
        matches.clear();
        queue.clear();
        chance = null;
    }

    Behaviour choose(StandIn.Request request) {
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
        return now != null && now.hits() ? now.behaviour : Behaviour.ok();
    }

    private record Chance(double rate, SplittableRandom random, Behaviour behaviour) {
        boolean hits() {
            synchronized (random) {
                return random.nextDouble() < rate;
            }
        }
    }
}
