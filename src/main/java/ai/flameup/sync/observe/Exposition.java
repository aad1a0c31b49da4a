package ai.flameup.sync.observe;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** The metrics as text, in the form that whoever scrapes them asks for. May be called from several threads at once. */
public interface Exposition {
    /** The form that is written for this {@code Accept} header. */
    String contentType(@Nullable String accept);

    /** Writes the present figures, and leaves the stream open. */
    void write(@Nullable String accept, OutputStream out) throws IOException;
}
