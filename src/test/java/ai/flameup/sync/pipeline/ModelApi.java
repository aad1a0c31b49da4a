package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.header.RateLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The people API as a model: it finds a person by user id, else by address, and answers in every way that its
 * documents leave open.
 */
final class ModelApi {
    static final long TIMEOUT = 10_000;

    enum BatchManner {
        ATOMIC,
        PARTIAL,
        ABSENT,
        NOT_ALLOWED,
        SILENT_ABOUT_PERSONS
    }

    /** A person as it is sent. */
    record Sent(String userId, @Nullable String email, Map<String, String> traits) {}

    static final class Person {
        @Nullable
        String userId;

        @Nullable
        String email;

        final Map<String, String> traits = new HashMap<>();
    }

    /** What becomes of a request: applied or not at one time, answered at another. */
    record Fate(long appliesAt, long answersAt, Outcome outcome) {}

    final BatchManner manner;
    final boolean reversed;
    final List<Person> persons = new ArrayList<>();
    /** Users whose person another one was merged into, because it was found by its address. */
    final Set<String> takenOver = new HashSet<>();

    final Random random;
    /** 0 without a budget. */
    final int limit;

    final boolean tells;
    /** Whether there are states that it never accepts. */
    final boolean fussy;

    private final long clock;
    double faults;
    /** Whether it now accepts what it failed on or refused before. */
    boolean fixed;

    /** Until then every person is rejected, as behind a broken mapping. */
    long rejectsUntil;

    int requests;
    int tooMany;
    private long windowEnds = Long.MIN_VALUE;
    private int used;

    ModelApi(Random random) {
        this.random = random;
        this.manner = BatchManner.values()[random.nextInt(BatchManner.values().length)];
        this.reversed = random.nextBoolean();
        this.limit = random.nextInt(3) == 0 ? 0 : 5 + random.nextInt(200);
        this.fussy = random.nextBoolean();
        this.tells = random.nextInt(4) > 0;
        this.clock = 1_700_000_000_000L + random.nextInt(1_000_000);
    }

    /** Such a state is never accepted. */
    boolean isPoison(Sent sent) {
        return fussy && Integer.parseInt(sent.traits.getOrDefault("n", "1")) % 41 == 0;
    }

    private boolean isForbidden(Sent sent) {
        return fussy && !fixed && Integer.parseInt(sent.traits.getOrDefault("n", "1")) % 97 == 0;
    }

    private boolean alwaysFails(Sent sent) {
        return fussy && !fixed && Integer.parseInt(sent.traits.getOrDefault("n", "1")) % 89 == 0;
    }

    /** Whether it will never be delivered as it is. */
    boolean isHopeless(Sent sent) {
        return isPoison(sent) || isForbidden(sent) || alwaysFails(sent);
    }

    Response answer(Outcome outcome, long now) {
        return new Response(outcome, quota(now));
    }

    private @Nullable RateLimit quota(long now) {
        if (limit == 0 || !tells) {
            return null;
        }
        return new RateLimit(
                limit, Math.max(0, limit - used), (windowEnds + clock + 999) / 1_000, (now + clock) / 1_000);
    }

    /** Decided at the arrival of a request. */
    Fate arrives(List<Sent> sent, boolean batch, long now) {
        requests++;
        long soon = now + 1 + random.nextInt(200);
        if (limit > 0) {
            if (now >= windowEnds) {
                windowEnds = now + 10_000 - (now + clock) % 1_000;
                used = 0;
            }
            if (used >= limit) {
                tooMany++;
                Duration after = !tells || random.nextBoolean() ? Duration.ofSeconds(1 + random.nextInt(5)) : null;
                return new Fate(Long.MAX_VALUE, soon, new Outcome.Failed(429, "slow down", after, false));
            }
            used++;
        }
        if (random.nextDouble() < faults) {
            return fault(now, soon);
        }
        if (batch && manner == BatchManner.ABSENT) {
            return new Fate(Long.MAX_VALUE, soon, new Outcome.Refused(404, "no such call", null));
        }
        if (batch && manner == BatchManner.NOT_ALLOWED) {
            return new Fate(Long.MAX_VALUE, soon, new Outcome.Rejected(405, "no such call", null));
        }
        if (sent.stream().anyMatch(this::alwaysFails)) {
            return new Fate(Long.MAX_VALUE, soon, new Outcome.Failed(500, "fails", null, false));
        }
        if (sent.stream().anyMatch(this::isForbidden)) {
            return new Fate(Long.MAX_VALUE, soon, new Outcome.Refused(403, "forbidden", null));
        }
        if (now < rejectsUntil) {
            return new Fate(Long.MAX_VALUE, soon, new Outcome.Rejected(422, "no such field", null));
        }
        boolean refused = sent.stream().anyMatch(this::isPoison);
        if (refused && (!batch || manner == BatchManner.ATOMIC)) {
            return new Fate(Long.MAX_VALUE, soon, new Outcome.Rejected(422, "poison", null));
        }
        return new Fate(now + random.nextInt(150), soon + 150, accepted(sent, batch));
    }

    private Outcome accepted(List<Sent> sent, boolean batch) {
        Set<String> ids = new HashSet<>();
        if (batch && manner != BatchManner.SILENT_ABOUT_PERSONS) {
            sent.stream().filter(one -> !isPoison(one)).forEach(one -> ids.add(one.userId));
        }
        return new Outcome.Accepted(ids);
    }

    private Fate fault(long now, long soon) {
        return switch (random.nextInt(6)) {
            case 0 -> new Fate(Long.MAX_VALUE, soon, new Outcome.Failed(500, "broken", null, false));
            case 1 -> new Fate(Long.MAX_VALUE, soon, new Outcome.Failed(503, "overloaded", null, false));
            case 2 -> new Fate(Long.MAX_VALUE, soon, new Outcome.Failed(0, "reset before", null, false));
            case 3 ->
                new Fate(
                        now + 1 + (random.nextBoolean() ? 0 : random.nextLong(2 * TIMEOUT)),
                        soon + 1,
                        new Outcome.Failed(0, "reset after", null, false, true));
            case 4 ->
                new Fate(
                        Long.MAX_VALUE,
                        soon,
                        new Outcome.Failed(503, "later", Duration.ofSeconds(random.nextInt(4)), false));
            default -> {
                // A late twin: applied at any time before twice the time-out has passed, or never.
                long late = random.nextInt(4) == 0 ? Long.MAX_VALUE : now + random.nextLong(3 * TIMEOUT - 200);
                yield new Fate(late, now + TIMEOUT, new Outcome.Failed(0, "timed out", null, true));
            }
        };
    }

    /** Applies a request; refused persons of a partial batch are left out. */
    void apply(List<Sent> sent, boolean batch) {
        List<Sent> order = new ArrayList<>(sent);
        if (batch && reversed) {
            java.util.Collections.reverse(order);
        }
        order.stream().filter(one -> !isHopeless(one)).forEach(this::apply);
    }

    private void apply(Sent sent) {
        Person person = persons.stream()
                .filter(one -> sent.userId.equals(one.userId))
                .findFirst()
                .or(() -> persons.stream()
                        .filter(one -> sent.email != null && sent.email.equals(one.email))
                        .findFirst())
                .orElseGet(() -> {
                    Person created = new Person();
                    persons.add(created);
                    return created;
                });
        if (person.userId != null && !person.userId.equals(sent.userId)) {
            takenOver.add(person.userId);
        }
        person.userId = sent.userId;
        person.email = sent.email == null ? person.email : sent.email;
        person.traits.putAll(sent.traits);
    }

    /** The address that the user's person has. */
    @Nullable
    String emailOf(String userId) {
        return persons.stream()
                .filter(one -> userId.equals(one.userId))
                .findFirst()
                .map(one -> one.email)
                .orElse(null);
    }
}
