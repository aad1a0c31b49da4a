package ai.flameup.sync.pipeline;

import ai.flameup.sync.pipeline.ModelApi.Sent;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * The order in which the API applies states, late writes aside, over all processes of one history: no state goes back, and no
 * person takes an address that another person has. It is not checked after a loss of power, which undoes what the store knew.
 */
final class OrderChecks {
    private final Function<String, AssertionError> failure;
    private final Map<String, Integer> applied = new HashMap<>();
    private final Map<String, Integer> big = new HashMap<>();
    private boolean isAfterLossOfPower;

    OrderChecks(Function<String, AssertionError> failure) {
        this.failure = failure;
    }

    /** The newest commits are undone, so that the stream repeats what the API has moved past. */
    void lostPower() {
        isAfterLossOfPower = true;
    }

    /**
     * A state is about to be applied.
     *
     * @param api before
     * @param isReleasedBefore whether the row of a person (the second) has moved to another address before the state that takes
     *     the address (the first), so that this must have been applied before
     */
    void applies(Sent one, ModelApi api, BiPredicate<Sent, ModelApi.Person> isReleasedBefore) {
        if (isAfterLossOfPower) {
            return;
        }
        requireNewer(one, "n", applied);
        requireNewer(one, "big", big);
        String email = one.email();
        if (email != null) {
            api.persons.stream()
                    .filter(other -> other.userId != null
                            && !other.userId.equals(one.userId())
                            && email.equals(other.email)
                            && isReleasedBefore.test(one, other))
                    .forEach(other -> {
                        throw failure.apply("G2: user " + one.userId() + " takes " + email + ", which user "
                                + other.userId + " has");
                    });
        }
    }

    private void requireNewer(Sent one, String trait, Map<String, Integer> newest) {
        String value = one.traits().get(trait);
        Integer before = value == null ? null : newest.put(one.userId(), Integer.parseInt(value));
        if (before != null && before > Integer.parseInt(value)) {
            throw failure.apply(
                    "G2, G4: " + trait + " of user " + one.userId() + " went from " + before + " to " + value);
        }
    }
}
