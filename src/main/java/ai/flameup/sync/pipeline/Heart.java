package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Answer;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is sent when, and how far the position may move: order, replacing, lanes, batches, budget, retries,
 * parking, halting. A state machine without threads, clocks or I/O: the same calls give the same effects. For one
 * thread; times are milliseconds of one clock that only goes forward.
 *
 * <p>A work is taken in ({@link Identities} says whom it waits for), becomes ready ({@link Lanes}), is sent when
 * {@link Throttle} and {@link Budget} allow, and by its answer is settled ({@link Progress}), or becomes ready again.
 */
final class Heart {
    private static final int OWN_FAILURES = 8;
    private static final int ACCEPTED_MEANWHILE = 20;
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    private final PipelineSettings settings;
    private final Effects effects;
    private final Identities identities;
    private final Progress progress;
    private final Lanes lanes = new Lanes();
    private final Throttle throttle;
    private final Budget budget;
    private final Rejections rejections;
    private final Backoff backoff;
    private final Twins twins;
    /** Requests refused with 403 or 404, until it is known whether the API refuses them alone or everybody. */
    private final List<Request> suspects = new ArrayList<>();

    private @Nullable Position newest;
    private long pausedUntil = Long.MIN_VALUE;
    private int pauses;
    private long accepted;
    private int inFlight;
    private int fenceOpen;
    private boolean batchCallWorks = true;
    private boolean draining;
    private boolean halted;

    Heart(PipelineSettings settings, Addresses addresses, RandomGenerator random, Effects effects) {
        this.settings = settings;
        this.effects = effects;
        this.identities = new Identities(addresses);
        this.progress = new Progress(effects);
        this.throttle = new Throttle(settings.maxInFlight(), random);
        this.budget = new Budget(settings.maxRequestsPerMinute());
        this.rejections = new Rejections(settings.haltWhenRejected());
        this.backoff = new Backoff(random);
        this.twins = new Twins(settings.requestTimeout().toMillis());
    }

    /** A change of the stream. One that came before, because the stream began again behind it, is passed over. */
    void change(Position position, Mapped mapped, @Nullable RowKey key, long now) {
        if (newest != null && position.compareTo(newest) <= 0) {
            return;
        }
        newest = position;
        take(mapped, key, progress.take(position), true, now);
        send(now);
    }

    /** Every change of every transaction that committed up to here was taken in. */
    void reached(Lsn commit) {
        progress.reached(commit);
    }

    /** A place in the stream, of which {@link Effects#passed} tells once everything before it is settled. */
    void mark(String marker) {
        progress.mark(marker);
    }

    /** Rows of the fence, at their place in the stream. */
    void rows(long scan, List<MappedRow> rows, @Nullable RowKey scanned, long now) {
        Progress.Group group = progress.chunk(scan, rows.size(), scanned);
        for (MappedRow row : rows) {
            take(row.mapped(), row.key(), group, false, now);
        }
        progress.seal(group);
        send(now);
    }

    /** The scan brings nothing more. */
    void scanEnd(long scan) {
        progress.scanEnd(scan);
    }

    record MappedRow(Mapped mapped, RowKey key) {}

    private void take(Mapped mapped, @Nullable RowKey key, Progress.Group group, boolean live, long now) {
        if (mapped instanceof Mapped.Upsert upsert) {
            take(upsert, key, group, live, now);
            return;
        }
        if (mapped instanceof Mapped.Unmappable refused) {
            effects.park("", key, 0, refused.reason(), null, 0);
        }
        progress.settle(group);
    }

    private void take(Mapped.Upsert upsert, @Nullable RowKey key, Progress.Group group, boolean live, long now) {
        PersonUpsert person = upsert.person();
        Identities.Person holder = identities.person(person.userId());
        Long address = identities.hash(person.email());
        Work last = holder.last();
        if (last != null && isReplaceable(last, address)) {
            replace(last, upsert, key, group, live);
            return;
        }
        String other = identities.heldByAnother(holder, address);
        if (other != null) {
            effects.emailHeld(person.userId(), other);
            if (settings.onEmailHeld() == OnEmailHeld.PARK) {
                effects.park(
                        person.userId(),
                        key,
                        0,
                        "user " + other + " still holds the email address at Flameup",
                        null,
                        0);
                identities.forget(holder);
                progress.settle(group);
                return;
            }
        }
        // Whoever holds an address was delivered before, whatever the change takes the person for.
        PersonUpsert sent = person.isFirst() && holder.held().length > 0 ? person.again() : person;
        Work work = new Work(holder, sent, address, upsert.whole(), key, live);
        work.groups.add(group);
        progress.load(sent.size());
        fenceOpen += live ? 0 : 1;
        if (identities.take(work)) {
            // INVARIANT: an address is in the store before it can be at Flameup.
            work.blockers++;
            store(holder, work);
        }
        if (live) {
            hurryLeaders(work);
        }
        if (work.blockers == 0) {
            ready(work, now);
        }
    }

    /** A state that waits is outdated by the next, unless an email address moves between the two. */
    private static boolean isReplaceable(Work waiting, @Nullable Long address) {
        return waiting.stage != Work.Stage.IN_FLIGHT && waiting.stage != Work.Stage.SUSPECT && waiting.sets(address);
    }

    private void replace(Work waiting, Mapped.Upsert upsert, @Nullable RowKey key, Progress.Group group, boolean live) {
        progress.unload(waiting.person.size());
        waiting.isRepeated = false;
        waiting.whole |= upsert.whole();
        waiting.person = upsert.person().over(waiting.person, waiting.person.isFirst() && !waiting.sent);
        waiting.key = key == null ? waiting.key : key;
        waiting.groups.add(group);
        progress.load(waiting.person.size());
        effects.replaced();
        if (live && !waiting.live) {
            hurry(waiting);
        }
    }

    /** A row of the fence that a live change waits for is as urgent as the change. */
    private void hurryLeaders(Work work) {
        work.leaders.forEach(this::hurry);
    }

    private void hurry(Work work) {
        if (!work.live) {
            fenceOpen -= work.isHollow() ? 0 : 1;
            lanes.hurry(work);
            hurryLeaders(work);
        }
    }

    private void store(Identities.Person person, @Nullable Work waiting) {
        // INVARIANT: a person is remembered until the store knows what it holds, because the store is asked next time.
        person.storing++;
        effects.holds(new Holding(person, person.held(), waiting));
    }

    /** The store has what {@link Effects#holds} asked for. */
    void stored(Holding holding, long now) {
        holding.person().storing--;
        identities.forget(holding.person());
        Work work = holding.waiting();
        if (work != null && --work.blockers == 0) {
            ready(work, now);
            send(now);
        }
    }

    /**
     * What the store is to know of a person.
     *
     * @param addresses those that the person may hold at Flameup, and no others
     * @param waiting what must not be sent before; null for nothing
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; a list would box every address of a first load.
    record Holding(
            Identities.Person person,
            long[] addresses,
            @Nullable Work waiting) {}

    private void ready(Work work, long now) {
        if (work.isHollow()) {
            identities.settle(work, freed -> ready(freed, now));
            return;
        }
        Twin twin = work.holder.twin;
        if (twin != null && now < twin.dueAt && work.address != null && !work.address.equals(twin.address)) {
            // The address would come back with a request that timed out and is applied late.
            lanes.rest(work, twin.dueAt);
        } else {
            lanes.ready(work);
        }
    }

    /** What came back for a request that {@link Effects#send} asked for. */
    void answered(Request request, Answer answer, long now) {
        inFlight--;
        budget.answered(answer.quota(), now);
        Outcome outcome = answer.outcome();
        if (outcome instanceof Outcome.Failed failed) {
            failed(request, failed, now);
        } else {
            pauses = 0;
            if (throttle.answered()) {
                effects.outageOver();
            }
            if (outcome instanceof Outcome.Accepted all) {
                if (answer.quota() == null) {
                    budget.untold();
                }
                accepted(request, all, now);
            } else if (outcome instanceof Outcome.Rejected rejected) {
                rejected(request, rejected, now);
            } else if (outcome instanceof Outcome.Refused refused) {
                refused(request, refused, now);
            }
        }
        repeatTwins(now);
        judgeSuspects();
        send(now);
    }

    private void accepted(Request request, Outcome.Accepted answer, long now) {
        throttle.accepted();
        List<Request> refusedAlone = List.copyOf(suspects);
        suspects.clear();
        if (!request.batch()) {
            accepted(request.works().get(0), now);
        } else if (answer.externalIds().isEmpty()) {
            // Who was accepted is not said, so the call is of no use.
            batchCallWorks = false;
            again(request, 1);
        } else {
            List<Work> missing = new ArrayList<>();
            for (Work work : request.works()) {
                if (answer.externalIds().contains(work.userId())) {
                    accepted(work, now);
                } else {
                    missing.add(work);
                }
            }
            again(new Request(missing, true), 1);
        }
        for (Request suspect : refusedAlone) {
            refusedAlone(suspect, now);
        }
    }

    private void accepted(Work work, long now) {
        accepted++;
        rejections.accepted();
        if (!work.isRepeated) {
            effects.delivered(work.userId(), work.whole);
        }
        Twin twin = work.holder.twin;
        if (twin != null && work.sentAt < twin.dueAt) {
            progress.unload(work.person.size() + twin.size());
            twin.accepted(work);
            progress.load(twin.size());
            leave(work, now);
            return;
        }
        if (twin != null) {
            progress.unload(twin.size());
            work.groups.addAll(twins.end(work.holder));
        }
        if (identities.reduce(work)) {
            store(work.holder, null);
        }
        settle(work, now);
    }

    private void settle(Work work, long now) {
        leave(work, now);
        progress.unload(work.person.size());
        work.groups.forEach(progress::settle);
    }

    private void leave(Work work, long now) {
        fenceOpen -= work.live ? 0 : 1;
        identities.settle(work, freed -> ready(freed, now));
        repeatTwin(work.holder, now);
    }

    /** Sends the works of a request again, each with so many in a batch at most. */
    private void again(Request request, int cap) {
        List<Work> works = request.works();
        for (int i = works.size() - 1; i >= 0; i--) {
            Work work = works.get(i);
            work.cap = Math.min(work.cap, cap);
            takeBack(work);
            lanes.readyAgain(work);
        }
    }

    /** A work waits again, and a newer state of its person may have come meanwhile. */
    private void takeBack(Work work) {
        Work newer = work.next;
        if (newer == null || !newer.sets(work.address)) {
            return;
        }
        progress.unload(work.person.size() + newer.person.size());
        fenceOpen -= newer.live ? 0 : 1;
        boolean hurry = newer.live && !work.live;
        identities.hollow(work, newer);
        progress.load(work.person.size());
        effects.replaced();
        if (hurry) {
            hurry(work);
        }
    }

    private static int half(Request request) {
        return (request.works().size() + 1) / 2;
    }

    private void failed(Request request, Outcome.Failed failed, long now) {
        if (failed.retryAfter() != null) {
            // Whoever asks for a pause means every request of the key, not this one.
            pause(now + failed.retryAfter().toMillis());
        }
        if (failed.status() == TOO_MANY_REQUESTS) {
            budget.spent(now);
            if (failed.retryAfter() == null && budget.left(now) == null) {
                pause(now + backoff.millis(++pauses));
            }
            again(request, Request.MOST);
            return;
        }
        boolean overloaded = failed.status() == UNAVAILABLE || failed.timedOut();
        long sentAt = request.works().get(0).sentAt;
        if (throttle.failed(overloaded, sentAt, now)) {
            effects.outage(failed.status(), failed.reason());
        }
        if (failed.timedOut()) {
            request.works().forEach(work -> twins.timedOut(work, now));
        }
        for (Work work : request.works()) {
            work.failed(accepted);
            if (request.works().size() == 1 && isItsOwn(work)) {
                park(work, failed.status(), failed.reason(), null, now);
            } else {
                restOrProbe(work, request, failed, now);
            }
        }
    }

    private void restOrProbe(Work work, Request request, Outcome.Failed failed, long now) {
        takeBack(work);
        if (throttle.isOutage()) {
            // The outage has a back-off of its own, and the next probe is another's turn.
            lanes.ready(work);
            return;
        }
        work.cap = Math.min(work.cap, half(request));
        long wait = backoff.millis(work.attempts);
        lanes.rest(work, now + wait);
        effects.retrying(failed.status(), Duration.ofMillis(wait));
    }

    private boolean isItsOwn(Work work) {
        return work.ownFailures >= OWN_FAILURES && accepted - work.acceptedAtFirst >= ACCEPTED_MEANWHILE;
    }

    private void pause(long until) {
        pausedUntil = Math.max(pausedUntil, until);
        throttle.doubt();
    }

    private void rejected(Request request, Outcome.Rejected rejected, long now) {
        if (request.batch() && rejected.status() == METHOD_NOT_ALLOWED) {
            batchCallWorks = false;
            again(request, Request.MOST);
        } else if (request.works().size() > 1) {
            again(request, half(request));
        } else {
            reject(request.works().get(0), rejected, now);
        }
    }

    private void reject(Work work, Outcome.Rejected rejected, long now) {
        if (halted || !rejections.refused()) {
            work.stage = Work.Stage.SUSPECT;
            if (!halted) {
                halted = true;
                effects.haltedByRejections(rejected);
            }
            return;
        }
        work.attempts++;
        park(work, rejected.status(), rejected.reason(), rejected.requestId(), now);
    }

    private void park(Work work, int status, String reason, @Nullable String requestId, long now) {
        effects.park(work.userId(), work.key, status, reason, requestId, work.attempts);
        settle(work, now);
    }

    private void refused(Request request, Outcome.Refused refused, long now) {
        if (request.batch() && refused.status() == NOT_FOUND) {
            // There may be no such call: whether there is such a workspace, a single upsert tells.
            batchCallWorks = false;
            again(request, Request.MOST);
            return;
        }
        boolean mayBeTheseAlone = refused.status() == FORBIDDEN || refused.status() == NOT_FOUND;
        request.works().forEach(work -> {
            work.stage = Work.Stage.SUSPECT;
            work.refusal = refused;
        });
        if (!mayBeTheseAlone) {
            halt(refused);
        } else if (accepted > request.works().get(0).acceptedBefore) {
            refusedAlone(request, now);
        } else {
            suspects.add(request);
            if (suspects.size() > 1) {
                halt(refused);
            }
        }
    }

    private void halt(Outcome.Refused why) {
        if (!halted) {
            halted = true;
            effects.halted(why);
        }
    }

    /** Where nobody else is left to be tried: the others of the same batch, or nobody. */
    private void judgeSuspects() {
        if (suspects.isEmpty() || halted || inFlight > 0 || !lanes.isEmpty() || lanes.rests()) {
            return;
        }
        Request suspect = suspects.remove(0);
        if (suspect.works().size() > 1) {
            again(suspect, half(suspect));
        } else if (suspect.works().get(0).refusal instanceof Outcome.Refused why) {
            halt(why);
        }
    }

    /** Somebody else was accepted, so the refusal was meant for these. */
    private void refusedAlone(Request suspect, long now) {
        if (suspect.works().size() > 1) {
            again(suspect, half(suspect));
            return;
        }
        Work work = suspect.works().get(0);
        if (work.refusal instanceof Outcome.Refused why) {
            reject(work, new Outcome.Rejected(why.status(), why.reason(), why.requestId()), now);
        }
    }

    private void repeatTwins(long now) {
        twins.due(now).forEach(person -> repeatTwin(person, now));
    }

    /** Where something of the person is still on the way, that will do: it is newer, and sent late enough. */
    private void repeatTwin(Identities.Person person, long now) {
        Twin twin = person.twin;
        if (twin != null && twin.dueAt <= now && person.last() == null) {
            repeat(person, twin, now);
        }
    }

    private void repeat(Identities.Person person, Twin twin, long now) {
        PersonUpsert accepted = twin.newest;
        List<Progress.Group> groups = twins.end(person);
        if (accepted == null) {
            groups.forEach(progress::settle);
            identities.forget(person);
            return;
        }
        Work work = new Work(person, accepted, identities.hash(accepted.email()), twin.whole, twin.key, true);
        work.isRepeated = true;
        work.groups.addAll(groups);
        identities.take(work);
        hurryLeaders(work);
        if (work.blockers == 0) {
            ready(work, now);
        }
    }

    /** Time goes on: what rested long enough is sent. */
    void at(long now) {
        repeatTwins(now);
        send(now);
    }

    /** When {@link #at} is to be called next, if nothing else happens. */
    OptionalLong nextAt(long now) {
        if (halted || draining) {
            return OptionalLong.empty();
        }
        long next = Math.min(lanes.nextAt(), twins.nextAt());
        if (!lanes.isEmpty() && inFlight < throttle.window()) {
            next = Math.min(next, sendingAt(now));
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private long sendingAt(long now) {
        long allowed = Math.max(pausedUntil, throttle.notBefore());
        return Math.max(allowed, budget.nextAt(lanes.hasLive(), Math.max(allowed, now)));
    }

    private void send(long now) {
        lanes.wake(now);
        while (!halted && !draining && !lanes.isEmpty() && inFlight < throttle.window() && sendingAt(now) <= now) {
            send(next(now), now);
        }
    }

    private Request next(long now) {
        boolean batch = batchCallWorks
                && switch (settings.batch()) {
                    case NEVER -> false;
                    case ALWAYS -> true;
                    case AUTO -> !budget.keepsUpWith(lanes.ready(), now);
                };
        List<Work> works = lanes.take(batch ? Request.MOST : 1);
        boolean alone = works.size() == 1 && (works.get(0).cap == 1 || settings.batch() != Batch.ALWAYS);
        return new Request(works, batch && !alone);
    }

    private void send(Request request, long now) {
        for (Work work : request.works()) {
            work.stage = Work.Stage.IN_FLIGHT;
            work.sent = true;
            work.sentAt = now;
            work.acceptedBefore = accepted;
            complete(work, now);
        }
        inFlight++;
        budget.sent(now);
        effects.send(request);
    }

    /** What is sent in the place of a twin's newest state is as whole as that. */
    private void complete(Work work, long now) {
        Twin twin = work.holder.twin;
        PersonUpsert accepted = twin == null ? null : twin.newest;
        if (twin != null && accepted != null && twin.dueAt <= now) {
            progress.unload(work.person.size());
            work.person = work.person.over(accepted, false);
            progress.load(work.person.size());
        }
    }

    /** Nothing more is sent. */
    void drain() {
        draining = true;
    }

    boolean isHalted() {
        return halted;
    }

    int inFlight() {
        return inFlight;
    }

    /** Rows of the fence that are not settled. */
    int fenceOpen() {
        return fenceOpen;
    }

    /** Changes and rows, from the oldest that is not settled. */
    int load() {
        return progress.load();
    }

    /** What they hold, in bytes. */
    long bytes() {
        return progress.bytes();
    }

    /** For tests: what has to be empty when nothing is on the way. */
    List<Integer> sizes() {
        return identities.sizes();
    }
}
