package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * Requests refused with 403 or 404, until it is known whether the API refuses them alone or everybody. Only the answer
 * to a request that was sent after the refusal came tells, because a token or a workspace may go while many are in
 * flight. For one thread.
 */
final class Suspects {
    /**
     * @param newest the newest request that had been sent when the refusal came
     */
    private record Suspect(Request request, long newest) {}

    private final List<Suspect> suspects = new ArrayList<>();
    private long sent;
    /** The newest request that had been sent when somebody was accepted last. */
    private long sentBeforeAcceptance;

    private long newestAccepted;
    private long probe;

    boolean isEmpty() {
        return suspects.isEmpty();
    }

    /** Whether one more may be sent: while somebody is suspected, one at a time, since everybody may be refused. */
    boolean letsSend() {
        return suspects.isEmpty() || probe == 0;
    }

    void sent(Request request) {
        sent = request.number();
        if (!suspects.isEmpty()) {
            probe = sent;
        }
    }

    void answered(Request request) {
        if (request.number() == probe) {
            probe = 0;
        }
    }

    /** Those of whom it is known by this that they alone are refused; they are suspected no more. */
    List<Request> accepted(Request request) {
        sentBeforeAcceptance = sent;
        newestAccepted = Math.max(newestAccepted, request.number());
        if (suspects.isEmpty()) {
            return List.of();
        }
        List<Request> alone = suspects.stream()
                .filter(suspect -> suspect.newest < request.number())
                .map(Suspect::request)
                .toList();
        suspects.removeIf(suspect -> suspect.newest < request.number());
        return alone;
    }

    /** Tells whether it is known by this that everybody is refused. */
    boolean refused(Request request) {
        boolean everybody = suspects.stream().anyMatch(suspect -> suspect.newest < request.number());
        suspects.add(new Suspect(request, sent));
        return everybody;
    }

    /**
     * Where nobody else is left to be tried, by what those say who were in flight with them: all go on as if they alone
     * were refused where somebody was accepted who was sent after them all, and so does a single one that was in flight
     * when somebody was accepted, and a single batch, whose halves tell of each other.
     *
     * @return those who go on, no more suspected; empty where it has to be taken that everybody is refused
     */
    List<Request> judge() {
        List<Request> all = suspects.stream().map(Suspect::request).toList();
        boolean mayBeHalvedOrWasOvertaken = first().batch() || sentBeforeAcceptance >= first().number();
        boolean alone = all.stream().allMatch(request -> request.number() < newestAccepted)
                || (all.size() == 1 && mayBeHalvedOrWasOvertaken);
        if (!alone) {
            return List.of();
        }
        suspects.clear();
        return all;
    }

    Request first() {
        return suspects.get(0).request;
    }
}
