package ai.flameup.sync.pipeline;

import java.util.List;

/**
 * Keeps the traces of unanswered requests beyond the end of the process, however it ends: the API may apply such requests
 * after those of the next process. Called by the pipeline's thread only.
 */
public interface InFlightLog {
    /** Returns the requests that earlier processes left. They are kept until {@link #forget}. */
    List<RequestTrace.Unanswered> unanswered();

    /**
     * Drops what earlier processes left of a person.
     *
     * @param person as in {@link RequestTrace}
     */
    void forget(long person);

    /**
     * To be called before the request is sent.
     *
     * @return the number for {@link #answered} or {@link #late}
     */
    int sent(RequestTrace trace);

    /** The store has what the answer has shown, or nothing was applied: its trace is dropped. */
    void answered(int number);

    /**
     * The request may have been applied, and will not be later: its trace is kept until the stored position has passed its
     * state.
     */
    void unclear(int number);

    /**
     * The request ended without an answer: its trace is kept for as long as the API may apply it, and until the stored
     * position has passed its state.
     */
    void late(int number);
}
