package ai.flameup.sync.it;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.ReceivedRequest;
import ai.flameup.sync.standin.StandIn;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every request that the stand-in's budget let through, with its time; until the stand-in is reset. Thread-safe. */
final class Arrivals {
    /** @param nanos by {@link System#nanoTime} */
    record Arrival(long nanos, ReceivedRequest request) {
        boolean isBatch() {
            return request.path().endsWith("/batch");
        }
    }

    private final List<Arrival> all = new CopyOnWriteArrayList<>();

    private Arrivals() {}

    /** From now on; to be called before other behaviours are chosen by a match. */
    static Arrivals at(StandIn standIn) {
        Arrivals arrivals = new Arrivals();
        standIn.when(
                request -> {
                    arrivals.all.add(new Arrival(System.nanoTime(), request));
                    return false;
                },
                Behaviour.ok());
        return arrivals;
    }

    List<Arrival> all() {
        return all;
    }

    long batches() {
        return all.stream().filter(Arrival::isBatch).count();
    }

    boolean has(String userId) {
        return all.stream().anyMatch(arrival -> arrival.request().userIds().contains(userId));
    }
}
