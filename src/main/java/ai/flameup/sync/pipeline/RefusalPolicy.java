package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.answer.Outcome;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a refusal concerns one person, who is parked, or every person, so that the job halts. For one thread.
 *
 * <ul>
 *   <li>Rejected (any other 4xx, a row that cannot be sent, an address that another person holds): parked, unless too many
 *       of the last 200 persons were refused. A broken mapping must not park the table.
 *   <li>On probation, after a run that halted on refusals: no person is parked until ten are answered, or all are, and most
 *       of them were accepted. Otherwise each restart with a broken mapping would park some more.
 *   <li>Suspected (403, 404): another person is sent as a test, one at a time. Only a request that was sent after the
 *       refusal arrived is a test, because a token or a workspace may be revoked while many are in flight.
 * </ul>
 */
public final class RefusalPolicy {
    /** What happens to a refused state. */
    enum Verdict {
        PARK,
        /** Nothing, for the present or because the job is halted. */
        WITHHOLD,
        HALT
    }

    /**
     * A request that was refused with 403 or 404.
     *
     * @param newest the newest request that had been sent when the refusal arrived
     */
    record Suspect(Request request, Outcome.Refused why, long newest) {}

    private static final int WINDOW = 200;
    /** Answers that end the probation. */
    private static final int PROBATION_ANSWERS = 10;

    private final int percent;
    private boolean halted;

    private final BitSet refusedOfLast = new BitSet(WINDOW);
    private final int maxRefused;
    private int place;

    private final List<Refusal> onProbation = new ArrayList<>();
    private boolean probation;
    private int acceptedOnProbation;

    private final List<Suspect> suspects = new ArrayList<>();
    private long newestSent;
    /** The newest request that had been sent when a person was accepted last. */
    private long sentBeforeAcceptance;

    private long newestAccepted;
    private long test;

    /**
     * @param haltWhenRejected percentage of the last 200 persons whose refusal halts, 1 to 100
     * @param probation whether the last run halted on refusals
     */
    public RefusalPolicy(int haltWhenRejected, boolean probation) {
        this.percent = haltWhenRejected;
        this.maxRefused = Math.max(1, WINDOW * haltWhenRejected / 100);
        this.probation = probation;
    }

    boolean isHalted() {
        return halted;
    }

    void halt() {
        halted = true;
    }

    // ---- Rejected persons

    /** A person was accepted. */
    public void personAccepted() {
        refusedOfLast.clear(place);
        place = (place + 1) % WINDOW;
        acceptedOnProbation += probation ? 1 : 0;
    }

    /**
     * A person was refused.
     *
     * @return false if that makes too many, and the person is not to be parked
     */
    public boolean mayPark() {
        boolean replaced = refusedOfLast.get(place);
        if (refusedOfLast.cardinality() + (replaced ? 0 : 1) >= maxRefused) {
            return false;
        }
        refusedOfLast.set(place);
        place = (place + 1) % WINDOW;
        return true;
    }

    /** Decides about a rejected state. Halts if it makes too many. */
    Verdict rejected(Refusal refusal) {
        if (halted) {
            return Verdict.WITHHOLD;
        }
        if (!refusal.counts()) {
            return Verdict.PARK;
        }
        if (probation) {
            onProbation.add(refusal);
            return Verdict.WITHHOLD;
        }
        if (!mayPark()) {
            halted = true;
            return Verdict.HALT;
        }
        return Verdict.PARK;
    }

    /** Whether enough was answered to judge those on probation. */
    boolean isProbationDecided() {
        return probation && !halted && onProbation.size() + acceptedOnProbation >= PROBATION_ANSWERS;
    }

    /** Whether a refused person is on probation. */
    boolean isAnyOnProbation() {
        return probation && !halted && !onProbation.isEmpty();
    }

    /**
     * Ends the probation, or halts.
     *
     * @return the refusals, which are to be decided about again; null if this halts
     */
    @Nullable
    List<Refusal> judgeProbation() {
        int answers = onProbation.size() + acceptedOnProbation;
        if (100L * onProbation.size() >= (long) percent * answers) {
            halted = true;
            return null;
        }
        probation = false;
        return onProbation;
    }

    /** Returns why the last person on probation was refused. */
    Outcome.Rejected lastOnProbation() {
        return onProbation.get(onProbation.size() - 1).why();
    }

    // ---- Suspected requests

    /** Whether another request may be sent: one test at a time while a request is suspected. */
    boolean allowsSending() {
        return suspects.isEmpty() || test == 0;
    }

    void sent(long request) {
        newestSent = request;
        if (!suspects.isEmpty()) {
            test = request;
        }
    }

    void answered(long request) {
        if (request == test) {
            test = 0;
        }
    }

    /** A request was accepted. Removes the suspects that it clears: the API refuses these persons only. */
    List<Suspect> accepted(long request) {
        sentBeforeAcceptance = newestSent;
        newestAccepted = Math.max(newestAccepted, request);
        if (suspects.isEmpty()) {
            return List.of();
        }
        List<Suspect> alone =
                suspects.stream().filter(suspect -> suspect.newest < request).toList();
        suspects.removeIf(suspect -> suspect.newest < request);
        return alone;
    }

    /** A request was refused with 403 or 404. Returns whether it was the test for another: every person is refused. */
    boolean refused(Request request, Outcome.Refused why) {
        boolean everyPerson = suspects.stream().anyMatch(suspect -> suspect.newest < request.number());
        suspects.add(new Suspect(request, why, newestSent));
        return everyPerson;
    }

    boolean isAnySuspected() {
        return !suspects.isEmpty() && !halted;
    }

    /**
     * Judges the suspects if no other person is left to test, by what was in flight with them. They are cleared if a
     * request was accepted that was sent after them all. A single one is cleared if a request was accepted while it was
     * in flight, and a single batch because its halves test each other.
     *
     * @return the cleared suspects; empty if it has to be assumed that every person is refused
     */
    List<Suspect> judgeSuspects() {
        List<Suspect> all = List.copyOf(suspects);
        Request first = firstSuspect().request;
        boolean isSingleCleared = all.size() == 1 && (first.batch() || sentBeforeAcceptance >= first.number());
        boolean isCleared =
                isSingleCleared || all.stream().allMatch(suspect -> suspect.request.number() < newestAccepted);
        if (!isCleared) {
            return List.of();
        }
        suspects.clear();
        return all;
    }

    Suspect firstSuspect() {
        return suspects.get(0);
    }
}
