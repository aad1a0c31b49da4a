package ai.flameup.sync.delivery.answer;

import ai.flameup.sync.delivery.header.Decimal;
import ai.flameup.sync.delivery.header.Headers;
import ai.flameup.sync.delivery.header.HttpDate;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.delivery.header.RateLimitHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Set;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * Reads one response, up to a size limit. It keeps the requested part of a success, and enough of a failure to show the reason.
 * Used by one thread at a time.
 */
public final class ResponseReader {
    /** The limit for a 2xx, which may declare only at its end that the request failed. */
    static final int MAX_SUCCESS_BYTES = 16 << 20;

    private static final byte[] NOTHING = {};

    private enum Wanted {
        STATUS,
        TEXT,
        PERSONS,
        BODY
    }

    /** Which part of a 2xx response is kept. */
    private final Wanted wanted;

    private final String token;
    private @Nullable HttpResponse head;
    private Instant at = Instant.EPOCH;
    private @Nullable AcceptedIds ids;
    private @Nullable ByteArrayOutputStream kept;
    private @Nullable Decoding decoding;
    private int room = Reason.MAX_BODY_BYTES;
    /** How much of the body is kept. */
    private int keptBytes = Reason.MAX_BODY_BYTES;

    private boolean cut;

    private ResponseReader(Wanted wanted, String token) {
        this.wanted = wanted;
        this.token = token;
    }

    /** Keeps only the status of a 2xx. The token is never part of a reason. */
    public static ResponseReader ofOne(String token) {
        return new ResponseReader(Wanted.STATUS, token);
    }

    /** Keeps the text of a 2xx as well. */
    public static ResponseReader ofOneWithText(String token) {
        return new ResponseReader(Wanted.TEXT, token);
    }

    /** Keeps the persons that a 2xx names. */
    public static ResponseReader ofBatch(String token) {
        return new ResponseReader(Wanted.PERSONS, token);
    }

    /** Keeps the whole body of a 2xx, up to 16 MB. */
    public static ResponseReader ofPeople(String token) {
        return new ResponseReader(Wanted.BODY, token);
    }

    /** The token of the request. */
    public String token() {
        return token;
    }

    public void head(HttpResponse response) {
        head = response;
        at = Instant.now();
        // Also for a 2xx, because its body may declare that the request failed.
        kept = new ByteArrayOutputStream(512);
        decoding = Decoding.of(headers(response).first("Content-Encoding"), this::consume);
        if (OutcomeRules.isSuccess(response.getCode())) {
            room = MAX_SUCCESS_BYTES;
            keptBytes = wanted == Wanted.BODY ? MAX_SUCCESS_BYTES : Reason.MAX_BODY_BYTES;
            ids = wanted == Wanted.PERSONS ? new AcceptedIds() : null;
        }
    }

    /**
     * Takes the next part of the body.
     *
     * @return false if it is longer than the limit: then the answer is judged by what was read
     */
    public boolean body(ByteBuffer data) {
        Decoding encoded = decoding;
        if (encoded == null) {
            consume(data);
        } else {
            encoded.decode(data);
        }
        return !cut;
    }

    private void consume(ByteBuffer data) {
        if (data.remaining() > room) {
            cut = true;
            data.limit(data.position() + room);
        }
        room -= data.remaining();
        ByteArrayOutputStream bytes = kept;
        if (bytes != null) {
            if (ids == null && data.remaining() > keptBytes - bytes.size()) {
                // Most answers are short, and are parsed at the end, and only if they may declare a failure.
                ids = new AcceptedIds();
                ids.read(ByteBuffer.wrap(bytes.toByteArray()));
            }
            int more = Math.min(data.remaining(), keptBytes - bytes.size());
            bytes.write(data.array(), data.arrayOffset() + data.position(), more);
        }
        AcceptedIds named = ids;
        if (named != null) {
            named.read(data);
        }
    }

    /** Releases the decoder. Nothing more is read. */
    public void release() {
        Decoding encoded = decoding;
        if (encoded != null) {
            encoded.release();
        }
    }

    /** Whether its body was longer than the limit. */
    public boolean isCut() {
        return cut;
    }

    /** Returns the decoded part of the body that was kept; empty before the answer. */
    public byte[] body() {
        ByteArrayOutputStream bytes = kept;
        return bytes == null ? NOTHING : bytes.toByteArray();
    }

    /** Interprets what was read of the answer. The head must have been read. */
    public Response answer() {
        HttpResponse response = head;
        if (response == null) {
            throw new IllegalStateException("no answer yet");
        }
        AcceptedIds named = ids;
        byte[] body = body();
        int status = response.getCode();
        if (named != null && OutcomeRules.isSuccess(status)) {
            return answer(
                    named.isDeclaredFailed()
                            ? OutcomeRules.rejected(status, headers(response), body, token)
                            : accepted(named));
        }
        return answer(OutcomeRules.outcome(status, headers(response), body, Set.of(), at, token));
    }

    private Outcome accepted(AcceptedIds named) {
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
    public ResponseDetails details(Outcome outcome) {
        int status = status(outcome);
        HttpResponse response = head;
        // Without a status the reason is from this side, even if parts of an answer were read.
        if (status == 0 || response == null) {
            return new ResponseDetails(outcome, 0, reason(outcome), null);
        }
        byte[] body = body();
        Reason reason = Reason.of(status, headers(response), body, token);
        return outcome instanceof Outcome.Accepted
                ? new ResponseDetails(outcome, status, Reason.whole(body, token), reason.requestId())
                : new ResponseDetails(outcome, status, reason(outcome), reason.requestId());
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
    public Response answer(Outcome outcome) {
        HttpResponse response = head;
        if (response == null) {
            return new Response(outcome, null);
        }
        RateLimit quota = RateLimit.of(headers(response), at);
        return new Response(outcome, quota, quota == null ? RateLimitHeaders.quoted(headers(response), token) : null);
    }

    /** The time of the answer by the server's clock; null if it does not contain one. */
    @Nullable
    public Instant date() {
        HttpResponse response = head;
        return response == null ? null : HttpDate.parse(headers(response).first("Date"));
    }

    /** How long the server keeps the connection open, in seconds; null if it does not say. */
    @Nullable
    public Long keepAliveSeconds() {
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
