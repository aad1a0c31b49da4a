package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Answer;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is sent when, and how far the position may move: order, replacing, lanes, batches, budget, retries,
 * parking, halting. A state machine without threads, clocks or I/O: the same calls give the same effects. For one
 * thread; times are milliseconds of one clock that only goes forward.
 *
 * <p>What is on its way is in the {@link Backlog}; {@link Throttle} and {@link Budget} say how much of it may be sent,
 * and here is what each answer leads to.
 */
final class Heart {
    private static final int OWN_FAILURES = 8;
    private static final int ACCEPTED_MEANWHILE = 20;
    private static final int BATCHES_IN_VAIN = 20;
    /** So many answers in a row that name less than half of their persons are taken for the call's own manner. */
    private static final int POOR_BATCHES = 3;

    private static final long LONG_PAUSE = 90_000;
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;
    private static final String ANSWERED_WITH = "it is answered with status %s";

    private final PipelineSettings settings;
    private final Unanswered unanswered;
    private final Effects effects;
    private final Progress progress;
    private final OpenTransaction open = new OpenTransaction();
    private final Backlog backlog;
    private final Lanes lanes;
    private final Throttle throttle;
    private final Budget budget;
    private final Rejections rejections;
    private final Backoff backoff;
    private final Probation probation;
    private final Suspects suspects = new Suspects();

    private @Nullable Position newest;
    private long pausedUntil = Long.MIN_VALUE;
    private int pauses;
    private long accepted;
    private long requests;
    private int inFlight;
    /** States, of which a batch has many. */
    private int statesInFlight;

    private boolean batchCallWorks = true;
    /** Whether requests were refused for want of a budget that the API does not tell of. */
    private boolean isBudgetHidden;

    private boolean isUnreadQuotaTold;
    /**
     * Persons who were accepted alone after a batch had refused them or left them out, since the last batch that named most
     * of its persons, and since the last person who was refused alone.
     */
    private int failedInVain;

    /** Batches in a row whose answers named less than half of their persons. */
    private int poorBatches;

    private Budget.@Nullable Allowance allowanceTold;
    private boolean isPauseTold;
    private boolean draining;
    private boolean halted;

    Heart(
            PipelineSettings settings,
            Addresses addresses,
            Unanswered unanswered,
            RandomGenerator random,
            Effects effects) {
        this.settings = settings;
        this.unanswered = unanswered;
        this.effects = effects;
        this.progress = new Progress(effects);
        this.backlog = new Backlog(settings, addresses, progress, open, effects);
        this.lanes = backlog.lanes();
        this.throttle = new Throttle(settings.maxInFlight(), random);
        this.budget = new Budget(settings.maxRequestsPerMinute());
        this.rejections = new Rejections(settings.haltWhenRejected());
        this.probation = new Probation(settings.haltWhenRejected(), settings.onProbation());
        this.backoff = new Backoff(random);
    }

    /** To be called before everything else. */
    void begin(long now) {
        backlog.left(unanswered.left(), now);
    }

    /**
     * A change of the stream; {@link #at} is to be called behind the last one of those that come together, so that none
     * of them is sent that another outdates. One that came before, because the stream began again behind it, is passed
     * over.
     *
     * @param age since it was committed
     */
    void change(Position position, Mapped mapped, @Nullable RowKey key, long age, long now) {
        if (!isNew(position)) {
            return;
        }
        newest = position;
        Progress.Group group = progress.take(position, now - age);
        if (open.isBefore(group)) {
            closeTransaction(now);
        }
        open.changed(group, now);
        take(mapped, key, group, true, now);
    }

    /** The change at the position, which comes next, gives a row another primary key. Ignored like that if it came before. */
    void rekeyed(Position position, RowKey from, RowKey to) {
        if (isNew(position)) {
            effects.rekeyed(position, from, to);
        }
    }

    private boolean isNew(Position position) {
        return newest == null || position.compareTo(newest) > 0;
    }

    private void closeTransaction(long now) {
        backlog.closeTransaction(now);
        open.takeRefusals().forEach(refusal -> reject(refusal, now));
    }

    private void take(Mapped mapped, @Nullable RowKey key, Progress.Group group, boolean live, long now) {
        Refusal cancelled = key == null ? null : open.cancel(key);
        if (cancelled != null && cancelled.group() != null) {
            progress.settle(cancelled.group());
        }
        if (mapped instanceof Mapped.Unmappable unmappable) {
            Refusal refusal = Refusal.of(key, group, unmappable.reason());
            if (unmappable.deleted() && live && key != null) {
                open.add(key, refusal);
            } else {
                reject(refusal, now);
            }
        } else if (mapped instanceof Mapped.Unread && key == null) {
            reject(Refusal.of(null, group, Backlog.INCOMPLETE), now);
        } else {
            backlog.take(mapped, key, group, live, now);
        }
    }

    /** Every change of every transaction that committed up to here was taken in. */
    void reached(Lsn commit) {
        progress.reached(commit);
        open.ended();
    }

    /** A place in the stream, of which {@link Effects#passed} tells once everything before it is settled. */
    void mark(String marker, boolean latest) {
        progress.mark(marker, latest);
    }

    /** Rows of the fence come, at their place in the stream: so many times {@link #row}. */
    Progress.Group chunk(long scan, int rows, int overtaken, @Nullable RowKey scanned, long now) {
        return progress.chunk(scan, rows, overtaken, scanned, now);
    }

    /** A row of the fence; {@link #at} is to be called behind the last one of those that come together. */
    void row(Progress.Group chunk, MappedRow row, long now) {
        closeIfEnded(now);
        take(row.mapped(), row.key(), chunk, false, now);
    }

    private void closeIfEnded(long now) {
        if (open.closesAt() <= now) {
            closeTransaction(now);
        }
    }

    /** The scan brings nothing more. */
    void scanEnd(long scan) {
        progress.scanEnd(scan);
    }

    /** The store has what {@link Effects#holds} asked for. */
    void stored(List<Backlog.Holding> holdings, long now) {
        holdings.forEach(holding -> backlog.stored(holding, now));
        send(now);
    }

    /** What came back for a request that {@link Effects#send} asked for. */
    void answered(Request request, Answer answer, long now) {
        inFlight--;
        statesInFlight -= request.works().size();
        suspects.answered(request);
        budget.answered(answer.quota(), now);
        tellAllowance();
        tellUnread(answer.unreadQuota());
        Outcome outcome = answer.outcome();
        boolean late = outcome instanceof Outcome.Failed failed && failed.mayBeApplied();
        for (Work work : request.works()) {
            if (late) {
                unanswered.late(work.trace);
            } else {
                unanswered.answered(work.trace);
            }
        }
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
                refused(request, refused);
            }
        }
        backlog.repeatTwins(now);
        parkHeld(now);
        judgeSuspects(now);
        judgeProbation(now);
        send(now);
    }

    /** Parks the works whose turn has come and whose address another person still holds. */
    private void parkHeld(long now) {
        if (halted) {
            return;
        }
        for (Work work = backlog.nextHeld(); work != null; work = backlog.nextHeld()) {
            String reason = "user " + work.heldBy + " still holds the email address at Flameup";
            reject(Refusal.of(work, new Outcome.Rejected(Refusal.NOT_ASKED, reason, null)), now);
        }
    }

    private void judgeProbation(long now) {
        if (halted || !probation.isPlain(isAllAnswered())) {
            return;
        }
        if (probation.isFailed()) {
            halted = true;
            effects.haltedByRejections(probation.last());
        } else {
            probation.end().forEach(one -> reject(one, now));
        }
    }

    /** Whether no more answers come, and nothing is about to be sent. */
    private boolean isAllAnswered() {
        return inFlight == 0 && lanes.isEmpty() && !lanes.rests() && !backlog.isStoring() && open.isEmpty();
    }

    private void accepted(Request request, Outcome.Accepted answer, long now) {
        throttle.accepted();
        List<Request> refusedAlone = suspects.accepted(request);
        if (!request.batch()) {
            Work work = request.works().get(0);
            if (work.failedInBatch && ++failedInVain == BATCHES_IN_VAIN) {
                giveUpBatches("it refused or left out %s persons in a row whom the single call accepted"
                        .formatted(BATCHES_IN_VAIN));
            }
            accepted(work, now);
        } else if (answer.externalIds().isEmpty() && answer.problem() != null) {
            // Who was accepted is not said, so the call is of no use.
            giveUpBatches("its answer " + answer.problem());
            request.works().forEach(work -> work.mayBeThere = true);
            again(request, 1);
        } else {
            List<Work> missing = request.works().stream()
                    .filter(work -> !answer.externalIds().contains(work.userId()))
                    .toList();
            boolean isPoor = missing.size() * 2 >= request.works().size();
            poorBatches = isPoor ? poorBatches + 1 : 0;
            if (!isPoor) {
                failedInVain = 0;
            }
            for (Work work : missing) {
                work.mayBeThere = true;
                // One odd answer says nothing about the call.
                work.failedInBatch = poorBatches >= POOR_BATCHES;
            }
            request.works().stream()
                    .filter(work -> answer.externalIds().contains(work.userId()))
                    .forEach(work -> accepted(work, now));
            again(new Request(request.number(), missing, true), 1);
        }
        for (Request suspect : refusedAlone) {
            refusedAlone(suspect, now);
        }
    }

    private void tellUnread(@Nullable String headers) {
        if (headers != null && !isUnreadQuotaTold) {
            isUnreadQuotaTold = true;
            effects.budgetNotUnderstood(headers);
        }
    }

    private void giveUpBatches(String reason) {
        if (batchCallWorks) {
            batchCallWorks = false;
            effects.batchesGivenUp(reason);
        }
    }

    private void tellAllowance() {
        Budget.Allowance allowance = budget.allowance();
        if (allowance != null && !allowance.equals(allowanceTold)) {
            allowanceTold = allowance;
            effects.budget(allowance.requests(), allowance.window());
        }
    }

    private void accepted(Work work, long now) {
        accepted++;
        rejections.accepted();
        probation.accepted();
        backlog.accepted(work, now);
    }

    /** Sends the works of a request again, each with so many in a batch at most. */
    private void again(Request request, int cap) {
        List<Work> works = request.works();
        for (int i = works.size() - 1; i >= 0; i--) {
            Work work = works.get(i);
            work.cap = Math.min(work.cap, cap);
            backlog.again(work);
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
            if (budget.left(now) == null) {
                isBudgetHidden = true;
                throttle.narrow();
            }
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
        if (failed.mayBeApplied()) {
            request.works().forEach(work -> backlog.mayBeApplied(work, failed.timedOut(), now));
        }
        for (Work work : request.works()) {
            work.mayBeThere = true;
            work.failed(accepted);
            if (request.works().size() == 1 && isItsOwn(work)) {
                park(work, failed.status(), failed.reason(), null, now);
            } else {
                restOrProbe(work, request, failed, now);
            }
        }
    }

    private void restOrProbe(Work work, Request request, Outcome.Failed failed, long now) {
        if (throttle.isOutage()) {
            // The outage has a back-off of its own, and the next probe is another's turn.
            backlog.behind(work);
            effects.retrying(failed.status(), Duration.ofMillis(Math.max(0, throttle.notBefore() - now)));
            return;
        }
        work.cap = Math.min(work.cap, half(request));
        long wait = backoff.millis(work.attempts);
        backlog.rest(work, now + wait);
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
            giveUpBatches(ANSWERED_WITH.formatted(rejected.status()));
            again(request, Request.MOST);
        } else if (request.batch()) {
            // One alone in a batch goes by the single upsert: the batch call may be what is refused.
            int half = half(request);
            request.works().forEach(work -> work.failedInBatch = half == 1);
            again(request, half);
        } else {
            failedInVain = 0;
            reject(Refusal.of(request.works().get(0), rejected), now);
        }
    }

    private void reject(Refusal refusal, long now) {
        boolean tells = refusal.isTelling();
        if (tells && !probation.isOver() && !halted) {
            refusal.hold();
            probation.hold(refusal);
            return;
        }
        if (halted || (tells && !rejections.refused())) {
            refusal.hold();
            if (!halted) {
                halted = true;
                effects.haltedByRejections(refusal.why());
            }
            return;
        }
        park(refusal, now);
    }

    private void park(Refusal refusal, long now) {
        Outcome.Rejected why = refusal.why();
        Work work = refusal.work();
        if (work != null) {
            work.attempts += why.status() == Refusal.NOT_ASKED ? 0 : 1;
            park(work, why.status(), why.reason(), why.requestId(), now);
        } else if (refusal.group() != null) {
            effects.park("", refusal.key(), why.status(), why.reason(), null, 0);
            progress.park(refusal.group());
        }
    }

    private void park(Work work, int status, String reason, @Nullable String requestId, long now) {
        effects.park(work.userId(), work.key, status, reason, requestId, work.attempts);
        backlog.park(work, now);
    }

    private void refused(Request request, Outcome.Refused refused) {
        if (request.batch() && refused.status() == NOT_FOUND) {
            // There may be no such call: whether there is such a workspace, a single upsert tells.
            giveUpBatches(ANSWERED_WITH.formatted(refused.status()));
            again(request, Request.MOST);
            return;
        }
        boolean mayBeTheseAlone = refused.status() == FORBIDDEN || refused.status() == NOT_FOUND;
        request.works().forEach(work -> {
            work.stage = Work.Stage.SUSPECT;
            work.refusal = refused;
        });
        if (!mayBeTheseAlone || suspects.refused(request)) {
            halt(refused);
        }
    }

    private void halt(Outcome.Refused why) {
        if (!halted) {
            halted = true;
            effects.halted(why);
        }
    }

    private void judgeSuspects(long now) {
        if (suspects.isEmpty() || halted || !isAllAnswered()) {
            return;
        }
        List<Request> refusedAlone = suspects.judge();
        refusedAlone.forEach(suspect -> refusedAlone(suspect, now));
        if (refusedAlone.isEmpty() && suspects.first().works().get(0).refusal instanceof Outcome.Refused why) {
            halt(why);
        }
    }

    /** Somebody else was accepted, so the refusal was meant for these. */
    private void refusedAlone(Request suspect, long now) {
        if (suspect.batch()) {
            again(suspect, half(suspect));
            return;
        }
        Work work = suspect.works().get(0);
        if (work.refusal instanceof Outcome.Refused why) {
            reject(Refusal.of(work, new Outcome.Rejected(why.status(), why.reason(), why.requestId())), now);
        }
    }

    /** Time goes on: what rested long enough is sent. */
    void at(long now) {
        closeIfEnded(now);
        backlog.repeatTwins(now);
        parkHeld(now);
        judgeProbation(now);
        send(now);
    }

    /** When {@link #at} is to be called next, if nothing else happens. */
    OptionalLong nextAt(long now) {
        if (halted || draining) {
            return OptionalLong.empty();
        }
        long next = Math.min(backlog.nextAt(), Math.max(now, open.closesAt()));
        if (hasRoom()) {
            next = Math.min(next, sendingAt(now));
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private long sendingAt(long now) {
        long allowed = Math.max(pausedUntil, throttle.notBefore());
        return Math.max(allowed, budget.nextAt(lanes.hasLive(), Math.max(allowed, now)));
    }

    private boolean hasRoom() {
        return !lanes.isEmpty() && inFlight < throttle.window() && suspects.letsSend();
    }

    private void send(long now) {
        parkHeld(now);
        lanes.wake(now);
        while (!halted && !draining && hasRoom() && sendingAt(now) <= now) {
            send(next(now), now);
        }
        tellPause(now);
    }

    /** Whoever looks on is to know what is waited for. */
    private void tellPause(long now) {
        boolean pauses = !halted && !draining && inFlight == 0 && hasRoom() && sendingAt(now) - now > LONG_PAUSE;
        if (pauses && !isPauseTold) {
            effects.paused(Duration.ofMillis(sendingAt(now) - now));
        }
        isPauseTold = pauses;
    }

    private Request next(long now) {
        boolean batch = batchCallWorks
                && switch (settings.batch()) {
                    case NEVER -> false;
                    case ALWAYS -> true;
                    case AUTO ->
                        !budget.keepsUpWith(lanes.ready(), now) || (isBudgetHidden && budget.left(now) == null);
                };
        List<Work> works = lanes.take(batch ? Request.MOST : 1);
        boolean alone = works.size() == 1 && (works.get(0).cap == 1 || settings.batch() != Batch.ALWAYS);
        return new Request(++requests, works, batch && !alone);
    }

    private void send(Request request, long now) {
        for (Work work : request.works()) {
            backlog.sent(work, now);
            work.trace = unanswered.sent(Unanswered.Trace.of(work));
        }
        inFlight++;
        statesInFlight += request.works().size();
        suspects.sent(request);
        budget.sent(now);
        effects.send(request);
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

    /** How it stands, for whoever looks on. */
    Gauges gauges(long now) {
        return new Gauges(
                Math.max(0, progress.open() - statesInFlight),
                inFlight,
                age(progress.oldestChange(), now),
                age(progress.oldestRow(), now),
                Duration.ofMillis(held(now)),
                budget.left(now));
    }

    private static @Nullable Duration age(@Nullable Long since, long now) {
        return since == null ? null : Duration.ofMillis(Math.max(0, now - since));
    }

    private long held(long now) {
        if (halted || draining || lanes.isEmpty() || !suspects.letsSend()) {
            return 0;
        }
        long allowed = Math.max(now, pausedUntil);
        long next = Math.max(allowed, budget.nextAt(lanes.hasLive(), allowed));
        // Without an end it waits for an answer, which is on its way.
        return next == Long.MAX_VALUE ? 0 : next - now;
    }

    /** Rows of the fence that are not settled. */
    int fenceOpen() {
        return backlog.fenceOpen();
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
        return backlog.sizes();
    }
}
