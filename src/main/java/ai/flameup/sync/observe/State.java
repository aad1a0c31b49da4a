package ai.flameup.sync.observe;

import java.util.Locale;

/** What a job is doing, in one word. */
public enum State {
    /** Starting, or waiting for the slot. */
    STARTING,
    /** The first load is running, or the load of every row into a new store. */
    LOADING,
    /** All commits are delivered, except those of the last seconds. */
    IN_STEP,
    /** Changes have waited for some time. */
    BEHIND,
    /** The API's budget, or its request for a pause, delays requests. */
    THROTTLED,
    /** Flameup or Postgres is not responding. The job resumes by itself. */
    OUTAGE,
    /** Paused until an operator fixes the cause. */
    HALTED,
    /** No process is running. */
    STOPPED;

    /** As in JSON and metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
