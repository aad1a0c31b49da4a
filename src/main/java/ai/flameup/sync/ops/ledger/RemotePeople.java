package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.delivery.PeoplePage;
import ai.flameup.sync.delivery.PeoplePage.Content;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.OutcomeFaults;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reads persons from the API, with one request at a time, within its budget, and repeats requests that fail. For one thread.
 *
 * <p>Each method throws a {@link Fault} with exit code 4 if the API fails repeatedly or cannot be understood, 5 if it refuses the
 * token, the permission or the workspace, and 75 when stopped.
 */
final class RemotePeople {
    private static final int MAX_PAGE = 100;
    /** More than one, in case the API compares ids in another way than by their text. */
    private static final int MAX_FOUND = 10;

    private static final long POLL_MILLIS = 200;

    private final PeopleApi api;
    private final RequestPacer pacer;
    private final StopSignal stop;
    private final AtomicLong requests;
    private int pageSize = MAX_PAGE;

    /** @param requests is increased for each request */
    RemotePeople(PeopleApi api, RequestPacer pacer, StopSignal stop, AtomicLong requests) {
        this.api = api;
        this.pacer = pacer;
        this.stop = stop;
        this.requests = requests;
    }

    /** Searches the person with a user id. */
    Optional<RemotePerson> find(String userId) throws InterruptedException {
        PeoplePage answer = call("a search", done -> api.find(userId, MAX_FOUND, done));
        if (answer.content() == Content.TOO_LONG) {
            throw new Fault(ExitCode.FLAMEUP, "Flameup's answer for user %s is longer than 16 MB".formatted(userId));
        }
        return persons(answer).filter(person -> userId.equals(person.userId())).findFirst();
    }

    /**
     * Returns the next persons of the list; empty at the end.
     *
     * @param offset the number of persons before them
     */
    List<RemotePerson> page(long offset) throws InterruptedException {
        while (true) {
            PeoplePage answer = call("the list of persons", done -> api.list(pageSize, offset, done));
            if (answer.content() != Content.TOO_LONG) {
                return persons(answer).toList();
            }
            if (pageSize == 1) {
                throw new Fault(
                        ExitCode.FLAMEUP,
                        "Flameup's answer for person %s of its list is longer than 16 MB. Pass --sample N to compare without the list"
                                .formatted(offset + 1));
            }
            pageSize /= 2;
        }
    }

    private static Stream<RemotePerson> persons(PeoplePage answer) {
        return answer.people().stream().map(RemotePerson::new);
    }

    private PeoplePage call(String what, Consumer<Consumer<PeoplePage>> request) throws InterruptedException {
        while (true) {
            stop.await(pacer.delayMillis());
            pacer.sent();
            requests.incrementAndGet();
            CompletableFuture<PeoplePage> answer = new CompletableFuture<>();
            request.accept(answer::complete);
            PeoplePage page = await(answer);
            boolean mayRepeat = pacer.ended(page.outcome(), page.quota());
            if (page.outcome() instanceof Outcome.Accepted) {
                return readable(what, page);
            }
            throwUnlessRepeatable(what, page.outcome(), mayRepeat);
        }
    }

    /** The request has a time-out of its own. */
    private PeoplePage await(CompletableFuture<PeoplePage> answer) throws InterruptedException {
        while (true) {
            try {
                return answer.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                stop.requireUnset();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static PeoplePage readable(String what, PeoplePage page) {
        if (page.content() == Content.UNREADABLE) {
            throw new Fault(
                    ExitCode.FLAMEUP,
                    "Flameup's answer to %s contains no persons in the documented form. Check flameup.base-url"
                            .formatted(what));
        }
        return page;
    }

    private static void throwUnlessRepeatable(String what, Outcome outcome, boolean mayRepeat) {
        if (outcome instanceof Outcome.Refused refused) {
            throw OutcomeFaults.of(refused);
        }
        if (outcome instanceof Outcome.Rejected rejected) {
            throw new Fault(ExitCode.FLAMEUP, "Flameup rejected %s with status %s".formatted(what, rejected.status()));
        }
        if (outcome instanceof Outcome.Failed failed && !mayRepeat) {
            throw OutcomeFaults.of(failed);
        }
    }
}
