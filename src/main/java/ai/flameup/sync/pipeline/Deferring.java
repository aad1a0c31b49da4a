package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.pipeline.Action.DeferralCause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When changes that wait are replaced by the keys of their rows, so that the position can pass them: the store keeps the keys,
 * and the rows are read and sent later, after newer changes. Also numbers the keys of rows that are to be read at once. For one
 * thread.
 */
final class Deferring {
    /** The least time between two checks that concern all changes, in milliseconds. */
    private static final long CHECK_INTERVAL = 1_000;

    /** The rows that are read at once for one transaction. Later changes of others wait behind them. */
    private static final long MAX_READS_AT_ONCE = 500;

    private final PipelineSettings.Deferral settings;
    private final List<Action> actions;
    /** The transaction whose changes are deferred as they arrive; null for none. */
    private @Nullable Lsn transaction;

    private @Nullable Lsn walEnd;
    private long newestAge;
    private long nextCheck = Long.MIN_VALUE;
    /** The transaction of the last change whose row is read in its place, and the number of such changes; null for none. */
    private @Nullable Lsn readsOf;

    private long reads;
    private final List<Together> together = new ArrayList<>();
    /** Up to where the stream repeats changes for which keys were dropped; null for none. */
    private @Nullable Lsn dropped;
    /** The newest number up to which nothing was left to read; negative for none. */
    private long nothingUpTo = -1;

    private boolean isUnsent;
    private boolean isDeferred;
    private long number;

    Deferring(PipelineSettings.Deferral settings, List<Action> actions) {
        this.settings = settings;
        this.actions = actions;
    }

    /** Earlier processes may have left keys of rows to read. */
    void started(Event.Unread left, @Nullable Lsn droppedUntil) {
        boolean isAnyLeft = left != Event.Unread.NOTHING;
        isUnsent = isAnyLeft || droppedUntil != null;
        isDeferred = left == Event.Unread.DEFERRED;
        nothingUpTo = isAnyLeft ? -1 : 0;
        dropped = droppedUntil;
    }

    /** Every change up to here has arrived. */
    void commitReached(Lsn commit) {
        if (dropped != null && commit.isAfter(dropped)) {
            dropped = null;
            nothingToRead(nothingUpTo);
        }
    }

    /** Whether there may be rows to read whose changes were not sent. */
    boolean isAnyUnsent() {
        return isUnsent;
    }

    /** Returns the number of the newest row to read; 0 for none. */
    long newest() {
        return number;
    }

    /** Returns the number up to which nothing was left to read; negative for none. */
    long nothingUpTo() {
        return nothingUpTo;
    }

    /** Nothing is left to read of what was stored up to this number. */
    void nothingToRead(long upTo) {
        nothingUpTo = upTo;
        if (!isUnsent || upTo != number || dropped != null) {
            return;
        }
        isUnsent = false;
        if (isDeferred) {
            isDeferred = false;
            actions.add(Action.REPORT_DEFERRED_SENT);
        }
    }

    /** The WAL is written up to here. */
    void walWritten(Lsn end) {
        walEnd = end;
    }

    /** A change arrived, so many milliseconds after its commit. */
    void arrived(long age) {
        newestAge = age;
    }

    /** Whether a change belongs to the transaction whose changes are deferred as they arrive. */
    boolean includes(Position position) {
        return transaction != null && transaction.equals(position.resumeAt());
    }

    /**
     * Decides whether changes have to be deferred now.
     *
     * @param waiting how long sending the waiting changes takes, and how much memory they need
     * @return why; null if none has to be. After {@link DeferralCause#TRANSACTION}, {@link #includes} holds for the transaction
     */
    @Nullable
    DeferralCause due(AckTracker acks, Waiting waiting, long now) {
        Lsn newest = acks.newestTransaction();
        boolean isLarge = acks.openOfNewest() >= settings.maxTransaction()
                || (waiting.isNearlyFull && acks.openOfNewest() * 2 >= acks.openChanges());
        if (newest != null && !newest.equals(transaction) && isLarge) {
            transaction = newest;
            return DeferralCause.TRANSACTION;
        }
        if (now < nextCheck || acks.openChanges() == 0) {
            return null;
        }
        DeferralCause cause = isTooSlow(acks, waiting)
                ? DeferralCause.WAIT
                : isTooFarBehind(acks) ? DeferralCause.RETAINED_WAL : null;
        nextCheck = cause == null ? nextCheck : now + CHECK_INTERVAL;
        return cause;
    }

    /**
     * The load of the waiting changes.
     *
     * @param millisToSend the time that sending it takes, as far as is known
     * @param isNearlyFull whether its states take nearly as many bytes as they may
     */
    record Waiting(long millisToSend, boolean isNearlyFull) {}

    private boolean isTooSlow(AckTracker acks, Waiting waiting) {
        long after = settings.after().toMillis();
        boolean isFull = waiting.isNearlyFull || acks.openChanges() >= settings.maxTransaction();
        return waiting.millisToSend > after || (newestAge > after && isFull);
    }

    private boolean isTooFarBehind(AckTracker acks) {
        Lsn position = acks.acknowledged();
        return walEnd != null && position != null && walEnd.value() - position.value() > settings.retainedWal();
    }

    /** Reports the cause if nothing was deferred before. To be called before the first change is deferred for it. */
    void begin(DeferralCause cause) {
        if (!isDeferred) {
            isDeferred = true;
            actions.add(new Action.ReportDeferring(cause));
        }
    }

    /** Stores the key of a row that has to be read at once, because a change did not carry all of it. */
    void completeLater(RowKey key) {
        actions.add(new Action.Reread(++number, key));
    }

    /**
     * Stores the key of a row that has to be read at once in place of a change.
     *
     * @param userId null if it is not known
     */
    void readInstead(RowKey key, @Nullable String userId) {
        add(new Action.Reread(++number, key), userId);
    }

    /** Stores a change of a watched table, whose rows have to be found. */
    void search(WatchedChange change) {
        add(new Action.Search(++number, change), null);
    }

    /** A row is read at once in place of this change. After too many of one transaction, the others are read later. */
    void readsFor(Position position) {
        reads = position.resumeAt().equals(readsOf) ? reads + 1 : 1;
        readsOf = position.resumeAt();
        if (reads == Math.min(MAX_READS_AT_ONCE, settings.maxTransaction())) {
            transaction = readsOf;
            begin(DeferralCause.TRANSACTION);
        }
    }

    /**
     * Stores the key of a row in place of a change.
     *
     * @param userId null if it is not known
     */
    void defer(RowKey key, @Nullable String userId) {
        add(new Action.Defer(++number, key, null), userId);
    }

    /**
     * Stores a delete in place of the change.
     *
     * @param age the time since its commit, in milliseconds
     */
    void deferDelete(String userId, long age) {
        Action.Deleted deleted = new Action.Deleted(userId, Duration.ofMillis(Math.max(0, age)));
        add(new Action.Defer(++number, null, deleted), userId);
    }

    /** A newer state of the user is not sent, and no longer waits in the order of the stream. */
    private void add(Action action, @Nullable String userId) {
        isUnsent = true;
        actions.add(action);
        for (int i = 0; userId != null && i < together.size(); i++) {
            together.get(i).remove(userId);
        }
    }

    /**
     * A row was read together with those of others.
     *
     * @param chunk the unit of the row
     * @param users as in {@link Event.Row}
     * @return the same users, without those of whom a later state is not sent
     */
    Set<String> readTogether(AckUnit chunk, Set<String> users) {
        if (users.isEmpty()) {
            return users;
        }
        Together last = together.isEmpty() ? null : together.get(together.size() - 1);
        if (last == null || last.chunk != chunk) {
            together.removeIf(one -> one.chunk.isSettled());
            last = new Together(chunk, new HashMap<>());
            together.add(last);
        }
        Set<String> valid = new HashSet<>(users);
        for (String user : users) {
            last.byUser.computeIfAbsent(user, any -> new ArrayList<>()).add(valid);
        }
        return valid;
    }

    /** The user's state takes its place behind those of others that were read with an older one. */
    void movedBack(String userId, AckUnit chunk) {
        for (int i = 0; i < together.size(); i++) {
            if (together.get(i).chunk != chunk) {
                together.get(i).remove(userId);
            }
        }
    }

    /** The users with whom rows of a chunk were read, as long as some of its rows are not settled. */
    private record Together(AckUnit chunk, Map<String, List<Set<String>>> byUser) {
        void remove(String userId) {
            List<Set<String>> sets = byUser.remove(userId);
            if (sets != null) {
                sets.forEach(set -> set.remove(userId));
            }
        }
    }
}
