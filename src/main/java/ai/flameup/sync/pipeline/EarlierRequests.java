package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which changes earlier processes have sent, so that a repetition of the stream sends no state that the API has moved past.
 * For one thread.
 *
 * <ul>
 *   <li>A change up to the person's accepted position is not sent again.
 *   <li>A change before the newest state that an earlier process sent, and that has no clear answer, is held until that
 *       state arrives, and becomes part of it. The earlier process sent both as one state.
 * </ul>
 */
final class EarlierRequests {
    /** The newest state of a person that has no clear answer, by {@link RequestTrace#person}. */
    private final Map<Long, Position> newest = new HashMap<>();

    private final PriorityQueue<Held> held = new PriorityQueue<>(Comparator.comparing(Held::until)
            .thenComparing(one -> one.upsert.state().position()));

    private record Held(Position until, PendingUpsert upsert) {}

    /** Takes the requests that earlier processes left without an answer. */
    void started(List<RequestTrace.Unanswered> unanswered) {
        for (RequestTrace.Unanswered one : unanswered) {
            newest.merge(one.trace().person(), one.trace().position(), (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
    }

    /** Whether the API has accepted a state of the person at this position or a later one, and none can undo it. */
    static boolean isAccepted(Person person, Position position) {
        LedgerEntry entry = person.entry();
        Position accepted = entry.accepted();
        return accepted != null && !entry.mustRepeat() && position.compareTo(accepted) <= 0;
    }

    /** Returns the later state for which a change at the position has to wait; null if it need not. */
    @Nullable
    Position heldUntil(Person person, Position position) {
        Position latest = unanswered(person);
        LedgerEntry entry = person.entry();
        Position accepted = entry.mustRepeat() ? entry.accepted() : null;
        if (accepted != null && (latest == null || accepted.compareTo(latest) > 0)) {
            latest = accepted;
        }
        return latest != null && position.compareTo(latest) < 0 ? latest : null;
    }

    private @Nullable Position unanswered(Person person) {
        return newest.isEmpty() ? null : newest.get(RequestTrace.person(person.userId()));
    }

    /** Whether it is not known which state the API has of the person. */
    boolean isUnclear(Person person) {
        return unanswered(person) != null || person.entry().mustRepeat();
    }

    /**
     * The API has accepted a state of the person at this position.
     *
     * @return whether requests of earlier processes were unanswered, and are outdated now
     */
    boolean accepted(Person person, Position position) {
        Position unanswered = unanswered(person);
        boolean isOutdated = unanswered != null && position.compareTo(unanswered) >= 0;
        if (isOutdated) {
            newest.remove(RequestTrace.person(person.userId()));
        }
        return isOutdated;
    }

    /** Holds an upsert until the stream has passed the position. */
    void hold(PendingUpsert upsert, Position until) {
        upsert.hold();
        held.add(new Held(until, upsert));
    }

    /** Returns the upserts that are still held although the stream has passed what they waited for. */
    List<PendingUpsert> removePassed(Position reached) {
        if (held.isEmpty()) {
            return List.of();
        }
        List<PendingUpsert> passed = new ArrayList<>(0);
        while (!held.isEmpty() && held.element().until.compareTo(reached) < 0) {
            PendingUpsert upsert = held.remove().upsert;
            if (upsert.isHeld()) {
                passed.add(upsert);
            }
        }
        return passed;
    }

    /** Whether a state waits for a later one that the stream has not delivered yet. */
    boolean isHolding() {
        while (!held.isEmpty() && !held.element().upsert.isHeld()) {
            held.remove();
        }
        return !held.isEmpty();
    }
}
