package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;

/**
 * The trace of one person's request that is kept until the request is answered, beyond the end of the process. Two traces
 * may be equal by chance. Then a person is sent once more than needed.
 *
 * @param person a hash of the user id
 * @param state a fingerprint of the state that was sent
 * @param address the hash of the email address that was sent; {@link PersonState#NO_ADDRESS} for none
 */
public record RequestTrace(int person, int state, long address) {
    static RequestTrace of(PersonUpsert upsert, long address) {
        return new RequestTrace(person(upsert.userId()), upsert.fingerprint(), address);
    }

    static int person(String userId) {
        return userId.hashCode();
    }

    /**
     * A request of an earlier process that has no answer.
     *
     * @param millis how long the API may still apply it, at most
     */
    public record Unanswered(RequestTrace trace, long millis) {}
}
