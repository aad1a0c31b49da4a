package ai.flameup.sync.cli.send;

import ai.flameup.sync.mapping.MappedRow;
import java.io.IOException;
import java.util.List;

/** Prints what rows would become, page by page. For one thread. */
interface RequestPrinter {
    /**
     * Prints the next ones.
     *
     * @param page not empty
     */
    void print(List<MappedRow> page) throws IOException;

    /** That were all. */
    void end() throws IOException;
}
