package ai.flameup.sync.cli.send;

import ai.flameup.sync.mapping.MappedRow;
import java.io.IOException;
import java.util.List;

/** Prints the requests for rows page by page. For one thread. */
interface RequestPrinter {
    /**
     * Prints the next rows.
     *
     * @param page not empty
     */
    void print(List<MappedRow> page) throws IOException;

    /** Ends the list. */
    void end() throws IOException;
}
