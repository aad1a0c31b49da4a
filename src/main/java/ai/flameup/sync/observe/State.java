package ai.flameup.sync.observe;

import java.util.Locale;

/** What a job is doing, in one word. */
public enum State {
    /** On its way to the first look at everything, or waiting for the slot. */
    STARTING,
    /** The first load, or every row after the store was new, is under way. */
    LOADING,
    /** What was committed is delivered, but for the last seconds. */
    IN_STEP,
    /** More waits than a moment takes. */
    BEHIND,
    /** The API's budget, or its wish for a pause, says when more is sent. */
    THROTTLED,
    /** Flameup or Postgres does not answer; it goes on by itself. */
    OUTAGE,
    /** Nothing goes on until an operator has mended something. */
    HALTED,
    /** No process is at work. */
    STOPPED;

    /** As in JSON and metrics. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
