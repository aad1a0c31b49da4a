package ai.flameup.sync.standin;

import ai.flameup.sync.demo.ApiResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the stand-in does with one request. "Applied" means that the request is handled as the API handles it: a request
 * that the API refuses (a wrong token, no user id) is refused under every behaviour that applies. Immutable.
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

    /** What replaces the API's response, in part or as a whole. */
    private record Replacement(
            int status, List<Header> headers, @Nullable String body) {}

    private static final int AS_THE_API = 0;
    private static final Behaviour OK = of(Kind.ANSWER, AS_THE_API);

    private final Kind kind;
    private final Replacement replacement;
    private final Duration delay;
    private final Hold hold;

    private Behaviour(Kind kind, Replacement replacement, Duration delay, Hold hold) {
        this.kind = kind;
        this.replacement = replacement;
        this.delay = delay;
        this.hold = hold;
    }

    /** Applies the request and sends the API's response. */
    public static Behaviour ok() {
        return OK;
    }

    /**
     * Responds with this status, and applies the request if it is a 2xx.
     *
     * @param status 200 to 599
     */
    public static Behaviour status(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("a status is 200 to 599, not " + status);
        }
        return of(Kind.ANSWER, status);
    }

    /** Resets the connection without applying the request. */
    public static Behaviour resetBefore() {
        return of(Kind.RESET_BEFORE, AS_THE_API);
    }

    /** Applies the request, and resets the connection instead of responding. */
    public static Behaviour resetAfter() {
        return of(Kind.RESET_AFTER, AS_THE_API);
    }

    /** Applies the request, sends the head and half of the body, and closes the connection. */
    public static Behaviour halfAnswer() {
        return of(Kind.HALF_ANSWER, AS_THE_API);
    }

    /** Applies the request, and sends a body that ends only when the client closes the connection. */
    public static Behaviour endlessBody() {
        return of(Kind.ENDLESS_BODY, AS_THE_API);
    }

    /** Neither applies the request nor responds. */
    public static Behaviour silence() {
        return of(Kind.SILENCE, AS_THE_API);
    }

    /** Adds a header to the response. It replaces the stand-in's own headers of that name. */
    public Behaviour header(String name, String value) {
        List<Header> more = new ArrayList<>(headers());
        more.add(new Header(name, value));
        Replacement added = new Replacement(replacement.status(), List.copyOf(more), replacement.body());
        return new Behaviour(kind, added, delay, hold);
    }

    /** Replaces the response's body, whether the request is applied or not. */
    public Behaviour body(String json) {
        Replacement added = new Replacement(replacement.status(), headers(), json);
        return new Behaviour(kind, added, delay, hold);
    }

    /**
     * Delays everything, the application too. It happens even if the client has closed its connection by then.
     *
     * @param delay not negative
     */
    public Behaviour after(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay is not negative: " + delay);
        }
        return new Behaviour(kind, replacement, delay, hold);
    }

    /**
     * Applies the request at once, but holds the response until the test releases it. So responses can arrive in
     * another order than requests.
     */
    public Behaviour held() {
        return new Behaviour(kind, replacement, delay, Hold.ANSWER);
    }

    /**
     * Holds the request until the test releases it, and applies it only then, even if the client has closed its
     * connection. So a request can be applied after its successor.
     */
    public Behaviour heldBeforeApplied() {
        return new Behaviour(kind, replacement, delay, Hold.REQUEST);
    }

    /**
     * Gives this behaviour a share of the requests.
     *
     * @param rate from 0, never, to 1, always
     */
    public Rated atRate(double rate) {
        return new Rated(rate, this);
    }

    /** A behaviour with its share of the requests. */
    public record Rated(double rate, Behaviour behaviour) {
        /** Validates the rate. */
        public Rated {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("a rate is from 0 to 1, not " + rate);
            }
        }
    }

    private static Behaviour of(Kind kind, int status) {
        return new Behaviour(kind, new Replacement(status, List.of(), null), Duration.ZERO, Hold.NOTHING);
    }

    Kind kind() {
        return kind;
    }

    boolean applies() {
        return switch (kind) {
            case ANSWER -> replacement.status() < 300;
            case RESET_AFTER, HALF_ANSWER, ENDLESS_BODY -> true;
            case RESET_BEFORE, SILENCE -> false;
        };
    }

    /**
     * Returns the response to send.
     *
     * @param applied the API's response, or null if the request was not applied
     */
    ApiResponse response(@Nullable ApiResponse applied) {
        int wanted = replacement.status();
        String body = replacement.body();
        ApiResponse own = applied == null ? unapplied(wanted) : applied;
        int status = wanted == AS_THE_API || own.status() >= 400 ? own.status() : wanted;
        return new ApiResponse(status, body == null ? own.body() : body);
    }

    private static ApiResponse unapplied(int status) {
        return status < 400 ? new ApiResponse(status, "") : ApiResponse.typed(status, "stand_in", "As the test asked");
    }

    List<Header> headers() {
        return replacement.headers();
    }

    Duration delay() {
        return delay;
    }

    Hold hold() {
        return hold;
    }

    @Override
    public String toString() {
        return "Behaviour[" + kind + ", " + replacement.status() + ", after " + delay + ", holds " + hold + "]";
    }
}
