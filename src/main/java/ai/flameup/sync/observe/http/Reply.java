package ai.flameup.sync.observe.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A response of the status server. Immutable, as long as no caller writes to the body. */
final class Reply {
    private final int code;
    private final String contentType;
    private final byte[] body;
    private final @Nullable String etag;

    private Reply(int code, String contentType, byte[] body, @Nullable String etag) {
        this.code = code;
        this.contentType = contentType;
        this.body = body;
        this.etag = etag;
    }

    /** A response that must not be cached. */
    static Reply of(String contentType, byte[] body) {
        return new Reply(200, contentType, body, null);
    }

    /** A response that browsers may cache and revalidate. */
    static Reply lasting(String contentType, byte[] body, String etag) {
        return new Reply(200, contentType, body, etag);
    }

    static Reply text(int code, String line) {
        return new Reply(code, "text/plain; charset=utf-8", (line + "\n").getBytes(StandardCharsets.UTF_8), null);
    }

    int code() {
        return code;
    }

    String contentType() {
        return contentType;
    }

    byte[] body() {
        return body;
    }

    /** Identifies the body; null if it must not be cached. */
    @Nullable
    String etag() {
        return etag;
    }
}
