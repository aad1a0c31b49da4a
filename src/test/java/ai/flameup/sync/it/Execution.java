package ai.flameup.sync.it;

import java.time.Duration;

/** A running command: a child process, or threads of this one. */
interface Execution {
    boolean isAlive();

    /** Waits for the end. Returns whether it came in time. */
    boolean awaitEnd(Duration limit);

    /** Returns the exit code of an ended command. */
    int exitCode();

    String out();

    String err();

    /** Returns the id of the process that runs the command. */
    long pid();

    /** Sends SIGTERM, or has the same effect in process. */
    void term();

    /** Sends SIGHUP, or has the same effect in process. */
    void hup();

    /** Ends the command in any state. */
    void end();
}
