package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.state.DeadLetter;
import java.io.IOException;
import java.util.List;

/** Prints a list page by page, so that it may be of any length. For one thread. */
interface LetterPrinter {
    /**
     * Prints the next letters.
     *
     * @param page not empty
     */
    void print(List<DeadLetter> page) throws IOException;

    /** That were all. */
    void end() throws IOException;
}
