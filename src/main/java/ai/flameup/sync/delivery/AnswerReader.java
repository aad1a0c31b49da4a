package ai.flameup.sync.delivery;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Set;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Reads one answer, up to a size. Of a success it keeps only what is requested, of a failure enough to know the reason.
 * Used by one thread at a time.
 */
final class AnswerReader {
    /** The limit for a 2xx, which may declare only at its end that the request failed. */
    static final int MAX_SUCCESS_BYTES = 16 << 20;

    private static final byte[] NOTHING = {};

    private enum Wanted {
        STATUS,
        TEXT,
        PERSONS
    }

    /** What is kept of a 2xx. */
    private final Wanted wanted;

    private final String token;
    private @Nullable HttpResponse head;
    private Instant at = Instant.EPOCH;
    private @Nullable NamedIds ids;
    private @Nullable ByteArrayOutputStream kept;
    private @Nullable Decoding decoding;
    private int room = Reason.MAX_BODY_BYTES;
    private boolean cut;

    private AnswerReader(Wanted wanted, String token) {
        this.wanted = wanted;
        this.token = token;
    }

    /** Keeps only the status of a 2xx. The token is never part of a reason. */
    static AnswerReader ofOne(String token) {
        return new AnswerReader(Wanted.STATUS, token);
    }

    /** Keeps the text of a 2xx as well. */
    static AnswerReader ofOneWithText(String token) {
        return new AnswerReader(Wanted.TEXT, token);
    }

    /** Keeps the persons that a 2xx names. */
    static AnswerReader ofBatch(String token) {
        return new AnswerReader(Wanted.PERSONS, token);
    }

    /** The token of the request. */
    String token() {
        return token;
    }

    void head(HttpResponse response) {
        head = response;
        at = Instant.now();
        // Also for a 2xx, because its body may declare that the request failed.
        kept = new ByteArrayOutputStream(512);
        decoding = Decoding.of(headers(response).first("Content-Encoding"), this::take);
        if (Answers.isSuccess(response.getCode())) {
            room = MAX_SUCCESS_BYTES;
            ids = wanted == Wanted.PERSONS ? new NamedIds() : null;
        }
    }

    /**
     * Takes the next part of the body.
     *
     * @return false if it is longer than the limit: then the answer is judged by what was read
     */
    boolean body(ByteBuffer data) {
        Decoding encoded = decoding;
        if (encoded == null) {
            take(data);
        } else {
            encoded.take(data);
        }
        return !cut;
    }

    private void take(ByteBuffer data) {
        if (data.remaining() > room) {
            cut = true;
            data.limit(data.position() + room);
        }
        room -= data.remaining();
        ByteArrayOutputStream bytes = kept;
        if (bytes != null) {
            if (ids == null && data.remaining() > Reason.MAX_BODY_BYTES - bytes.size()) {
                // Most answers are short, and are parsed at the end, and only if they may declare a failure.
                ids = new NamedIds();
                ids.read(ByteBuffer.wrap(bytes.toByteArray()));
            }
            int more = Math.min(data.remaining(), Reason.MAX_BODY_BYTES - bytes.size());
            bytes.write(data.array(), data.arrayOffset() + data.position(), more);
        }
        NamedIds named = ids;
        if (named != null) {
            named.read(data);
        }
    }

    /** Releases the decoder. Nothing more is read. */
    void release() {
        Decoding encoded = decoding;
        if (encoded != null) {
            encoded.release();
        }
    }

    /** Whether its body was longer than the limit. */
    boolean isCut() {
        return cut;
    }

    /** Interprets what was read of the answer. The head must have been read. */
    Answer answer() {
        HttpResponse response = head;
        if (response == null) {
            throw new IllegalStateException("no answer yet");
        }
        NamedIds named = ids;
        ByteArrayOutputStream bytes = kept;
        byte[] body = bytes == null ? NOTHING : bytes.toByteArray();
        int status = response.getCode();
        if (named != null && Answers.isSuccess(status)) {
            return answer(
                    named.isDeclaredFailed()
                            ? Answers.rejected(status, headers(response), body, token)
                            : accepted(named));
        }
        return answer(Answers.outcome(status, headers(response), body, Set.of(), at, token));
    }

    private Outcome accepted(NamedIds named) {
        if (wanted != Wanted.PERSONS) {
            return new Outcome.Accepted(Set.of());
        }
        Decoding encoded = decoding;
        Set<String> accepted = named.ids();
        String problem = encoded == null ? null : encoded.problem();
        return new Outcome.Accepted(accepted, problem == null ? named.problem() : problem);
    }

    /**
     * The answer with its text.
     *
     * @param outcome of the request
     */
    Told told(Outcome outcome) {
        int status = status(outcome);
        HttpResponse response = head;
        ByteArrayOutputStream bytes = kept;
        // Without a status the reason is from this side, even if parts of an answer were read.
        if (status == 0 || response == null) {
            return new Told(outcome, 0, reason(outcome), null);
        }
        byte[] body = bytes == null ? NOTHING : bytes.toByteArray();
        Reason reason = Reason.of(status, headers(response), body, token);
        return outcome instanceof Outcome.Accepted
                ? new Told(outcome, status, Reason.whole(body, token), reason.requestId())
                : new Told(outcome, status, reason(outcome), reason.requestId());
    }

    private int status(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed.status();
        }
        HttpResponse response = head;
        return response == null ? 0 : response.getCode();
    }

    private static String reason(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed.reason();
        }
        if (outcome instanceof Outcome.Rejected rejected) {
            return rejected.reason();
        }
        return outcome instanceof Outcome.Refused refused ? refused.reason() : "";
    }

    /** This outcome, whatever was read, with the budget that the head reports, if it was read. */
    Answer answer(Outcome outcome) {
        HttpResponse response = head;
        if (response == null) {
            return new Answer(outcome, null);
        }
        Quota quota = Quota.of(headers(response), at);
        return new Answer(outcome, quota, quota == null ? QuotaHeaders.quoted(headers(response), token) : null);
    }

    /** The time of the answer by the server's clock; null if it does not contain one. */
    @Nullable
    Instant date() {
        HttpResponse response = head;
        return response == null ? null : HttpDate.parse(headers(response).first("Date"));
    }

    /** How long the server keeps the connection open, in seconds; null if it does not say. */
    @Nullable
    Long keepAliveSeconds() {
        HttpResponse response = head;
        String value = response == null ? null : headers(response).first("Keep-Alive");
        if (value == null) {
            return null;
        }
        int start = value.indexOf("timeout=");
        if (start < 0) {
            return null;
        }
        int end = value.indexOf(',', start);
        Decimal seconds = Decimal.parse(value.substring(start + "timeout=".length(), end < 0 ? value.length() : end));
        return seconds == null ? null : seconds.whole();
    }

    private static Headers headers(HttpResponse response) {
        return name -> {
            Header header = response.getFirstHeader(name);
            return header == null ? null : header.getValue();
        };
    }
}
