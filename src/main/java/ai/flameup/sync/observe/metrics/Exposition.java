package ai.flameup.sync.observe.metrics;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The metrics as text, in a format that the scraper accepts. Thread-safe. */
public interface Exposition {
    /**
     * The format that is written.
     *
     * @param accept the request's header; null if absent
     */
    String contentType(@Nullable String accept);

    /** Writes one scrape, and leaves the stream open. */
    void write(@Nullable String accept, OutputStream out) throws IOException;
}
