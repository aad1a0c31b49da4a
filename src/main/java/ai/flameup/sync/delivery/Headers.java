package ai.flameup.sync.delivery;

import org.jspecify.annotations.Nullable;

/** The headers of one answer. */
interface Headers {

    /** The value of the first header with this name, ignoring case; null if there is none. */
    @Nullable
    String first(String name);
}
