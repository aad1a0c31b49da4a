package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Position;

/**
 * The trace of one person's request that is kept until the request is answered, beyond the end of the process. Two traces
 * may be equal by chance. Then a person is sent once more than needed.
 *
 * @param person a hash of the user id
 * @param state a fingerprint of the state that was sent
 * @param address the hash of the email address that was sent; {@link PersonState#NO_ADDRESS} for none
 * @param position the state's place in the stream
 */
public record RequestTrace(long person, int state, long address, Position position) {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    static RequestTrace of(PersonState state) {
        return new RequestTrace(
                person(state.upsert().userId()), state.upsert().fingerprint(), state.address(), state.position());
    }

    /** Returns the FNV-1a hash of the id's characters. Two persons with one hash only wait for each other. */
    public static long person(String userId) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < userId.length(); i++) {
            hash = (hash ^ userId.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }

    /**
     * A request of an earlier process that has no answer.
     *
     * @param millis how long the API may still apply it, at most; 0 if it cannot be applied any more
     */
    public record Unanswered(RequestTrace trace, long millis) {}
}
