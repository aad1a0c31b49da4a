package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.state.pending.DeadLetter;
import java.io.IOException;
import java.util.List;

/** Prints dead letters page by page, so that memory is bounded. For one thread. */
interface LetterPrinter {
    /**
     * Prints the next dead letters.
     *
     * @param page not empty
     */
    void print(List<DeadLetter> page) throws IOException;

    /** Ends the list. */
    void end() throws IOException;
}
