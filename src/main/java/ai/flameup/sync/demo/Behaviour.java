package ai.flameup.sync.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the stand-in does with one request. "Applied" means what the real API would do with it: a request that it would
 * refuse (a wrong token, no user id) is refused under every behaviour that applies. Immutable; may be shared.
 */
public final class Behaviour {
    enum Kind {
        ANSWER,
        RESET_BEFORE,
        RESET_AFTER,
        HALF_ANSWER,
        ENDLESS_BODY,
        SILENCE
    }

    enum Hold {
        NOTHING,
        ANSWER,
        REQUEST
    }

    record Header(String name, String value) {}

    private static final int AS_THE_API = 0;
    private static final Behaviour OK = of(Kind.ANSWER, AS_THE_API);

    private final Kind kind;
    private final int status;
    private final List<Header> headers;
    private final @Nullable String body;
    private final Duration delay;
    private final Hold hold;

    private Behaviour(Kind kind, int status, List<Header> headers, @Nullable String body, Duration delay, Hold hold) {
        this.kind = kind;
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.delay = delay;
        this.hold = hold;
    }

    /** Applied and answered as the API would. */
    public static Behaviour ok() {
        return OK;
    }

    /**
     * Answered with this status; applied where it is a 2xx.
     *
     * @param status 200 to 599
     */
    public static Behaviour status(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("a status is 200 to 599, not " + status);
        }
        return of(Kind.ANSWER, status);
    }

    /** Not applied; the connection is reset. */
    public static Behaviour resetBefore() {
        return of(Kind.RESET_BEFORE, AS_THE_API);
    }

    /** Applied; the connection is reset instead of an answer. */
    public static Behaviour resetAfter() {
        return of(Kind.RESET_AFTER, AS_THE_API);
    }

    /** Applied; the head and half of the body are sent, then the connection is closed. */
    public static Behaviour halfAnswer() {
        return of(Kind.HALF_ANSWER, AS_THE_API);
    }

    /** Applied; the answer's body goes on until the client closes the connection. */
    public static Behaviour endlessBody() {
        return of(Kind.ENDLESS_BODY, AS_THE_API);
    }

    /** Not applied and never answered. */
    public static Behaviour silence() {
        return of(Kind.SILENCE, AS_THE_API);
    }

    /** Adds a header to the answer; replaces what the stand-in itself would say under that name. */
    public Behaviour header(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new Behaviour(kind, status, List.copyOf(more), body, delay, hold);
    }

    /** The answer's body, whatever became of the request. */
    public Behaviour body(String json) {
        return new Behaviour(kind, status, headers, json, delay, hold);
    }

    /**
     * All of it happens that much later, being applied too, even where the client has gone by then.
     *
     * @param delay not negative
     */
    public Behaviour after(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay is not negative: " + delay);
        }
        return new Behaviour(kind, status, headers, body, delay, hold);
    }

    /**
     * Applied when it arrives, but the answer waits for {@link StandIn#release()}: so answers come in another order
     * than requests.
     */
    public Behaviour held() {
        return new Behaviour(kind, status, headers, body, delay, Hold.ANSWER);
    }

    /**
     * All of it waits for {@link StandIn#release()}, being applied too, and is done even where the client has gone by
     * then: so a request is applied after its successor.
     */
    public Behaviour heldBeforeApplied() {
        return new Behaviour(kind, status, headers, body, delay, Hold.REQUEST);
    }

    /**
     * For {@link StandIn#sometimes(long, List)}.
     *
     * @param rate from 0, never, to 1, always
     */
    public Rated atRate(double rate) {
        return new Rated(rate, this);
    }

    /** A behaviour, and for which part of the requests it is. */
    public record Rated(double rate, Behaviour behaviour) {
        /** Refuses a rate that is none. */
        public Rated {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("a rate is from 0 to 1, not " + rate);
            }
        }
    }

    private static Behaviour of(Kind kind, int status) {
        return new Behaviour(kind, status, List.of(), null, Duration.ZERO, Hold.NOTHING);
    }

    Kind kind() {
        return kind;
    }

    boolean applies() {
        return switch (kind) {
            case ANSWER -> status < 300;
            case RESET_AFTER, HALF_ANSWER, ENDLESS_BODY -> true;
            case RESET_BEFORE, SILENCE -> false;
        };
    }

    /** The answer to send, given the API's own, or a made one where the request was not applied. */
    Answer answer(@Nullable Answer applied) {
        Answer own = applied == null ? Answer.fault(status) : applied;
        int shown = status == AS_THE_API || own.isError() ? own.status() : status;
        return new Answer(shown, body == null ? own.body() : body);
    }

    List<Header> headers() {
        return headers;
    }

    Duration delay() {
        return delay;
    }

    Hold hold() {
        return hold;
    }

    @Override
    public String toString() {
        return "Behaviour[" + kind + ", " + status + ", after " + delay + ", holds " + hold + "]";
    }
}
