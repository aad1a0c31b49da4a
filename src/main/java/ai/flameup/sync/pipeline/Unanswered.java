package ai.flameup.sync.pipeline;

import java.util.List;

/**
 * Remembers past the end of the process, however that comes, whose requests have no answer: the API may apply them late,
 * after what the next process sends. Called by the pipeline's thread alone.
 */
public interface Unanswered {
    /**
     * What is remembered of a person's request. Others may look the same by chance: then a person is sent once more than
     * needed.
     *
     * @param state what was sent, as a fingerprint
     * @param address the hash of the email address that was sent; 0 for none
     */
    record Trace(int person, int state, long address) {
        static Trace of(Work work) {
            Long address = work.address;
            return new Trace(person(work.userId()), work.person.fingerprint(), address == null ? 0 : address);
        }

        static int person(String userId) {
            return userId.hashCode();
        }
    }

    /**
     * @param millis for how long it may yet be applied, at most
     */
    record Left(Trace trace, long millis) {}

    /** What former processes left. */
    List<Left> left();

    /**
     * To be called before it is sent.
     *
     * @return what {@link #answered} or {@link #late} is to be called with
     */
    int sent(Trace trace);

    /** There was an answer, or it is known in another way that it will not be applied any more. */
    void answered(int number);

    /** It timed out: it may be applied for a while, of which {@link #left} tells. */
    void late(int number);
}
