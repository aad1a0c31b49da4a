package ai.flameup.sync.delivery.header;

import org.jspecify.annotations.Nullable;

/** The headers of one answer. */
public interface Headers {

    /** The value of the first header with this name, ignoring case; null if there is none. */
    @Nullable
    String first(String name);
}
