package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * The beginning of a run behind one that halted because too many persons were refused: who is refused is held back, and
 * parked only once it is plain that most are accepted again. Or each look at a mapping that is still broken would park
 * some more. For one thread.
 */
final class Probation {
    /** Answers that make it plain. */
    private static final int ENOUGH = 10;

    private final int percent;
    private final List<Refusal> held = new ArrayList<>();
    private int accepted;
    private boolean over;

    /**
     * @param percent of those that are answered, which may not be refused; 1 to 100
     * @param begins false where there is nothing to be wary of
     */
    Probation(int percent, boolean begins) {
        this.percent = percent;
        this.over = !begins;
    }

    boolean isOver() {
        return over;
    }

    void accepted() {
        accepted++;
    }

    void hold(Refusal refusal) {
        held.add(refusal);
    }

    /**
     * @param nothingElse whether no more answers come
     */
    boolean isPlain(boolean nothingElse) {
        return !over && (held.size() + accepted >= ENOUGH || (nothingElse && !held.isEmpty()));
    }

    boolean isFailed() {
        return 100L * held.size() >= (long) percent * (held.size() + accepted);
    }

    Outcome.Rejected last() {
        return held.get(held.size() - 1).why();
    }

    /** Ends it; who was held back is to be parked. */
    List<Refusal> end() {
        over = true;
        return held;
    }
}
