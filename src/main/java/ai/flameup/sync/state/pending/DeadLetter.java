package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.RowKey;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A refused state of a person that is set aside: the person and the reason, never what would have been sent. Immutable.
 *
 * @param id never used again for another, and kept when the same person is parked again; 0 if it is not stored yet
 * @param userId empty if it is not known
 * @param key of the row; null if the change did not contain it
 */
public record DeadLetter(long id, String userId, @Nullable RowKey key, Refusal refusal, Instant at) {

    /** The status of a letter for which no request was made last. */
    public static final int NOT_SENT = -1;

    public static final int MAX_REASON_BYTES = 4096;
    public static final int MAX_REQUEST_ID_BYTES = 256;

    /**
     * Why the state was refused.
     *
     * @param status the HTTP status of the answer; 0 if there was none, {@link #NOT_SENT} if there was no request
     * @param reason cut to {@value #MAX_REASON_BYTES} bytes of UTF-8
     * @param requestId cut to {@value #MAX_REQUEST_ID_BYTES} bytes of UTF-8; null if the answer has none
     * @param attempts how many requests were made for it; in the store, also for the person's earlier letters
     */
    public record Refusal(
            int status, String reason, @Nullable String requestId, int attempts) {
        public Refusal {
            reason = cut(reason, MAX_REASON_BYTES);
            requestId = requestId == null ? null : cut(requestId, MAX_REQUEST_ID_BYTES);
        }

        /** Without the reason, in which the API may quote an email address. */
        @Override
        public String toString() {
            return "Refusal[status=" + status + "]";
        }
    }

    /** A letter that is not stored yet. */
    public DeadLetter(String userId, @Nullable RowKey key, Refusal refusal, Instant at) {
        this(0, userId, key, refusal, at);
    }

    public int status() {
        return refusal.status;
    }

    /** Whether the API answered. */
    public boolean isAnswered() {
        return status() > 0;
    }

    /** What the last attempt led to, in words: the status, or why there is none. */
    public String outcome() {
        return isAnswered() ? "status " + status() : status() == NOT_SENT ? "not sent" : "no response";
    }

    public String reason() {
        return refusal.reason;
    }

    public @Nullable String requestId() {
        return refusal.requestId;
    }

    public int attempts() {
        return refusal.attempts;
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
        return "DeadLetter[id=" + id + ", userId=" + userId + ", status=" + status() + "]";
    }
}
