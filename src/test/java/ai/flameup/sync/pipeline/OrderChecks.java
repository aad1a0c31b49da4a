package ai.flameup.sync.pipeline;

import ai.flameup.sync.pipeline.ModelApi.Sent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The order in which the API applies states, late writes aside, over all processes of one history. Within one process no
 * state may go back, and no person may take an address that another person has. After a restart the stream repeats changes
 * that an earlier process has sent, and the API goes back: issue 17 (the ledger) will end that. Until then exactly these
 * repetitions are counted; anything else fails.
 */
final class OrderChecks {
    private final Function<String, AssertionError> failure;
    private final Map<String, Integer> applied = new HashMap<>();
    private final Map<String, Integer> appliedHere = new HashMap<>();
    private final Map<String, Integer> bigHere = new HashMap<>();
    /** Versions that the stream has repeated in this process. */
    private final Set<Integer> repeated = new HashSet<>();
    /** How far earlier processes have read the stream. */
    private int readBefore;

    private int readHere;

    /** States that the API had moved past, sent again after a restart. */
    int outdated;
    /** Addresses that such a state took from their holder. */
    int taken;

    OrderChecks(Function<String, AssertionError> failure) {
        this.failure = failure;
    }

    void processStarted() {
        readBefore = Math.max(readBefore, readHere);
        appliedHere.clear();
        bigHere.clear();
        repeated.clear();
    }

    /** The stream has delivered a version. */
    void streamed(int transaction, int version) {
        if (transaction < readBefore) {
            repeated.add(version);
        }
        readHere = Math.max(readHere, transaction + 1);
    }

    /**
     * A state is about to be applied.
     *
     * @param api before
     * @param keepsAddresses whether a person may have kept an address that its row has given up, so that another takes it
     */
    void applies(Sent one, ModelApi api, boolean keepsAddresses) {
        int version = Integer.parseInt(one.traits().get("n"));
        Integer here = appliedHere.put(one.userId(), version);
        if (here != null && here > version) {
            throw failure.apply(
                    "G2, G4: user " + one.userId() + " went from " + here + " to " + version + " in one process");
        }
        String big = one.traits().get("big");
        Integer bigBefore = big == null ? null : bigHere.put(one.userId(), Integer.parseInt(big));
        if (bigBefore != null && bigBefore > Integer.parseInt(big)) {
            throw failure.apply("G2, G4: big of user " + one.userId() + " went from " + bigBefore + " to " + big);
        }
        Integer before = applied.put(one.userId(), version);
        if (before != null && before > version) {
            if (!repeated.contains(version)) {
                throw failure.apply("G2, G4: user " + one.userId() + " went from " + before + " to " + version
                        + " after a restart, and the stream has not repeated it");
            }
            outdated++;
        }
        if (!keepsAddresses) {
            checkAddress(one, api, repeated.contains(version));
        }
    }

    private void checkAddress(Sent one, ModelApi api, boolean isRepeated) {
        String email = one.email();
        boolean isTaken = email != null
                && api.persons.stream()
                        .anyMatch(other -> other.userId != null
                                && !other.userId.equals(one.userId())
                                && email.equals(other.email));
        if (isTaken && !isRepeated) {
            throw failure.apply("G2: user " + one.userId() + " takes " + email + ", which another user has");
        }
        taken += isTaken ? 1 : 0;
    }
}
