package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.mapping.Mapped;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is sent when, and how far the position may move: order, retries, parking, halting. A state machine
 * without threads, clocks or I/O: the same calls give the same effects. For one thread.
 *
 * <p>INVARIANT: a person's upserts stand in one line, and only the head of a line is in flight; so states of one person
 * reach the API in the order in which they were taken in.
 */
final class Heart {
    private static final int FENCE_SHARE = 10;

    private final int maxInFlight;
    private final Backoff backoff;
    private final Effects effects;
    private final Progress progress;

    private final Map<String, Deque<Work>> lines = new HashMap<>();
    private final Deque<Work> liveReady = new ArrayDeque<>();
    private final Deque<Work> fenceReady = new ArrayDeque<>();
    private final PriorityQueue<Work> resting = new PriorityQueue<>(Comparator.comparingLong((Work w) -> w.dueAt));
    /** Refused with 403 or 404, until it is known whether the API refuses them alone or everybody. */
    private final List<Work> suspects = new ArrayList<>();

    private @Nullable Position newest;
    private long pausedUntil = Long.MIN_VALUE;
    private int inFlight;
    private int turn;
    private boolean draining;
    private Outcome.@Nullable Refused halted;

    /**
     * @param maxInFlight at least 1
     */
    Heart(int maxInFlight, RandomGenerator random, Effects effects) {
        this.maxInFlight = maxInFlight;
        this.backoff = new Backoff(random);
        this.effects = effects;
        this.progress = new Progress(effects);
    }

    /** A change of the stream. One that came before, because the stream began again behind it, is passed over. */
    void change(Position position, Mapped mapped, @Nullable RowKey key, long now) {
        if (newest != null && position.compareTo(newest) <= 0) {
            return;
        }
        newest = position;
        take(mapped, key, progress.take(position), false, now);
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
            take(row.mapped(), row.key(), group, true, now);
        }
        progress.seal(group);
        send(now);
    }

    /** The scan brings nothing more. */
    void scanEnd(long scan) {
        progress.scanEnd(scan);
    }

    record MappedRow(Mapped mapped, RowKey key) {}

    private void take(Mapped mapped, @Nullable RowKey key, Progress.Group group, boolean fenced, long now) {
        if (mapped instanceof Mapped.Upsert upsert) {
            Work work = new Work(upsert.person(), key, group, fenced);
            progress.load(work.person.size());
            Deque<Work> line = lines.computeIfAbsent(work.person.userId(), user -> new ArrayDeque<>(2));
            line.add(work);
            if (line.size() == 1) {
                ready(work);
            }
            send(now);
        } else {
            if (mapped instanceof Mapped.Unmappable refused) {
                effects.park("", key, 0, refused.reason(), null, 0);
            }
            progress.settle(group);
        }
    }

    /** What became of an attempt that {@link Effects#send} asked for. */
    void answered(Work work, Outcome outcome, long now) {
        inFlight--;
        if (outcome instanceof Outcome.Accepted) {
            List<Work> refusedAlone = List.copyOf(suspects);
            suspects.clear();
            effects.delivered(work.person.userId());
            settle(work);
            refusedAlone.forEach(suspect -> park(suspect, suspect.refusal()));
        } else if (outcome instanceof Outcome.Failed failed) {
            failed(work, failed, now);
        } else if (outcome instanceof Outcome.Rejected rejected) {
            park(work, rejected);
        } else if (outcome instanceof Outcome.Refused refused) {
            refused(work, refused);
        }
        send(now);
    }

    private void failed(Work work, Outcome.Failed failed, long now) {
        work.attempts++;
        long wait = backoff.millis(work.attempts);
        if (failed.retryAfter() != null) {
            // Whoever asks for a pause means every request of the key, not this one.
            wait = Math.max(wait, failed.retryAfter().toMillis());
            pausedUntil = Math.max(pausedUntil, now + failed.retryAfter().toMillis());
        }
        work.dueAt = now + wait;
        resting.add(work);
        effects.retrying(failed.status(), Duration.ofMillis(wait));
    }

    private void refused(Work work, Outcome.Refused refused) {
        work.refusal = refused;
        boolean mayBeThisPerson = refused.status() == 403 || refused.status() == 404;
        suspects.add(work);
        if (halted == null && (!mayBeThisPerson || suspects.size() > 1 || !hasOther())) {
            halted = refused;
            effects.halted(refused);
        }
    }

    private boolean hasOther() {
        return inFlight > 0 || !liveReady.isEmpty() || !fenceReady.isEmpty() || !resting.isEmpty();
    }

    private void park(Work work, Outcome.Rejected reason) {
        effects.park(
                work.person.userId(),
                work.key,
                reason.status(),
                reason.reason(),
                reason.requestId(),
                work.attempts + 1);
        settle(work);
    }

    private void settle(Work work) {
        Deque<Work> line = lines.get(work.person.userId());
        if (line == null || line.poll() != work) {
            throw new IllegalStateException("what is settled was not the head of its line");
        }
        if (line.isEmpty()) {
            lines.remove(work.person.userId());
        } else {
            ready(line.element());
        }
        progress.unload(work.person.size());
        progress.settle(work.group);
    }

    private void ready(Work work) {
        (work.fenced ? fenceReady : liveReady).add(work);
    }

    /** Time goes on: what rested long enough is sent. */
    void at(long now) {
        send(now);
    }

    /** When {@link #at} is to be called next, if nothing else happens. */
    OptionalLong nextAt(long now) {
        if (halted != null || draining) {
            return OptionalLong.empty();
        }
        long next = resting.isEmpty() ? Long.MAX_VALUE : resting.element().dueAt;
        if (pausedUntil > now && hasOther()) {
            next = Math.min(next, pausedUntil);
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** Nothing more is sent. */
    void drain() {
        draining = true;
    }

    Outcome.@Nullable Refused halted() {
        return halted;
    }

    int inFlight() {
        return inFlight;
    }

    /** Rows of the fence that wait for their first attempt. */
    int fenceWaiting() {
        return fenceReady.size();
    }

    /** Changes and rows, from the oldest that is not settled. */
    int load() {
        return progress.load();
    }

    /** What they hold, in bytes. */
    long bytes() {
        return progress.bytes();
    }

    private void send(long now) {
        while (!resting.isEmpty() && resting.element().dueAt <= now) {
            ready(resting.remove());
        }
        while (halted == null && !draining && now >= pausedUntil && inFlight < maxInFlight) {
            Work work = pick();
            if (work == null) {
                return;
            }
            inFlight++;
            effects.send(work);
        }
    }

    /** Live changes first; rows of the fence get a tenth all the same. */
    private @Nullable Work pick() {
        turn = (turn + 1) % FENCE_SHARE;
        boolean fenceFirst = turn == 0;
        Work work = (fenceFirst ? fenceReady : liveReady).poll();
        return work == null ? (fenceFirst ? liveReady : fenceReady).poll() : work;
    }

    /** One upsert on its way. */
    static final class Work {
        private final PersonUpsert person;
        private final @Nullable RowKey key;
        private final Progress.Group group;
        private final boolean fenced;
        private int attempts;
        private long dueAt;
        private Outcome.@Nullable Refused refusal;

        Work(PersonUpsert person, @Nullable RowKey key, Progress.Group group, boolean fenced) {
            this.person = person;
            this.key = key;
            this.group = group;
            this.fenced = fenced;
        }

        PersonUpsert person() {
            return person;
        }

        private Outcome.Rejected refusal() {
            Outcome.Refused why = refusal;
            if (why == null) {
                throw new IllegalStateException("a suspect without a refusal");
            }
            return new Outcome.Rejected(why.status(), why.reason(), why.requestId());
        }
    }
}
