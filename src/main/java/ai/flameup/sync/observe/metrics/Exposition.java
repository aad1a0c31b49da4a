package ai.flameup.sync.observe.metrics;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The metrics as text, in the form that whoever scrapes them asks for. May be called from several threads at once. */
public interface Exposition {
    /**
     * The form that is written.
     *
     * @param accept the request's header; null where there is none
     */
    String contentType(@Nullable String accept);

    /** Writes one scrape, and leaves the stream open. */
    void write(@Nullable String accept, OutputStream out) throws IOException;
}
