package ai.flameup.sync.delivery;

import org.jspecify.annotations.Nullable;

/** The headers of one answer. */
interface Headers {

    /** The value of the first header of this name, in whatever case the server wrote it; null where there is none. */
    @Nullable
    String first(String name);
}
