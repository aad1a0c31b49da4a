package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person's state that was refused and is set aside: who and why, never what would have been sent. Immutable.
 *
 * @param id never used again for another, and kept when the same person is parked again; 0 where it is not stored yet
 * @param userId empty where it is not known
 * @param key the row's; null where the change did not tell it
 * @param status the answer's HTTP status; 0 where there was none
 * @param reason cut to {@value #MAX_REASON_BYTES} bytes of UTF-8
 * @param requestId cut to {@value #MAX_REQUEST_ID_BYTES} bytes of UTF-8
 * @param attempts how many requests were made for it
 */
public record DeadLetter(
        long id,
        String userId,
        @Nullable RowKey key,
        int status,
        String reason,
        @Nullable String requestId,
        Instant at,
        int attempts) {

    public static final int MAX_REASON_BYTES = 4096;
    public static final int MAX_REQUEST_ID_BYTES = 256;

    public DeadLetter {
        reason = cut(reason, MAX_REASON_BYTES);
        requestId = requestId == null ? null : cut(requestId, MAX_REQUEST_ID_BYTES);
    }

    /** One that is not stored yet. */
    public DeadLetter(
            String userId,
            @Nullable RowKey key,
            int status,
            String reason,
            @Nullable String requestId,
            Instant at,
            int attempts) {
        this(0, userId, key, status, reason, requestId, at, attempts);
    }

    private static String cut(String text, int maxBytes) {
        CharBuffer in = CharBuffer.wrap(text);
        StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(in, ByteBuffer.allocate(maxBytes), true);
        return text.substring(0, in.position());
    }

    /** Without the reason, in which the API may quote an email address. */
    @Override
    public String toString() {
        return "DeadLetter[id=" + id + ", userId=" + userId + ", status=" + status + "]";
    }
}
