package ai.flameup.sync.it;

import java.time.Duration;

/** A command on its way: a child process, or threads of this one. */
interface Execution {
    boolean isAlive();

    /** Whether it ended in time. */
    boolean awaitEnd(Duration limit);

    /** Once it has ended. */
    int exitCode();

    String out();

    String err();

    /** Of the process that it is part of. */
    long pid();

    /** Sends SIGTERM, or has the same effect in process. */
    void term();

    /** Sends SIGHUP, or has the same effect in process. */
    void hup();

    /** Ends it, whatever it is at. */
    void end();
}
