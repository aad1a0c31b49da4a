package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.PendingWork;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the status shows of the store. Immutable.
 *
 * @param deadLetters the number of dead letters by the API's status, {@code none} without an answer, {@code not_sent} without a
 *     request
 * @param sharedEmails persons who share an address with another at Flameup
 * @param pending what waits to be read and sent from its row
 * @param open the backfills that have not ended
 */
public record StoreSummary(
        SortedMap<String, Long> deadLetters, long sharedEmails, PendingWork pending, List<Backfill> open) {
    static final StoreSummary NOTHING = new StoreSummary(new TreeMap<>(), 0, PendingWork.NOTHING, List.of());

    public static StoreSummary read(StateStore store) {
        return read(store, store.persons().sharing());
    }

    /** @param sharedEmails as it was counted before, because counting reads an entry of each person */
    static StoreSummary read(StateStore store, long sharedEmails) {
        SortedMap<String, Long> letters = new TreeMap<>();
        store.deadLetters().byStatus().forEach((status, count) -> letters.put(name(status), count));
        return new StoreSummary(
                letters, sharedEmails, store.pending(), store.backfills().open());
    }

    private static String name(int status) {
        return status == DeadLetter.NOT_SENT ? "not_sent" : status == 0 ? "none" : Integer.toString(status);
    }

    /** The rows to be read, or read and not settled: of this store, and of its backfills that are not paused. */
    long rowsAhead(@Nullable Long people) {
        long ahead = pending.rows().number() + pending.letters();
        for (Backfill one : open) {
            Long total = total(one, people);
            if (total != null && one.state() != Backfill.State.PAUSED) {
                ahead += Math.max(0, total - one.tally().rows());
            }
        }
        return ahead;
    }

    private static @Nullable Long total(Backfill one, @Nullable Long people) {
        return one.kind().isOfWholeTable() ? people : one.keys();
    }

    /** The rows that wait to be read again. */
    Status.Deferred deferred(Speed speed, @Nullable Double allowedPerSecond) {
        PendingWork.Rows rows = pending.rows();
        return rows.number() == 0
                ? new Status.Deferred(0, null, 0, null)
                : new Status.Deferred(
                        rows.number(),
                        rows.since(),
                        Rates.rounded(speed.perSecond()),
                        speed.secondsLeft(rows.number(), allowedPerSecond));
    }

    long deadLetterCount() {
        return deadLetters.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The backfills for the status. */
    List<Status.Backfill> backfills(@Nullable Long people, BackfillSpeed speed, @Nullable Double allowedPerSecond) {
        return open.stream()
                .map(one -> {
                    Long total = total(one, people);
                    return new Status.Backfill(
                            one.id(),
                            one.kind().name().toLowerCase(Locale.ROOT),
                            one.state().name().toLowerCase(Locale.ROOT),
                            new Status.Progress(
                                    total,
                                    one.tally().rows(),
                                    one.tally().sent(),
                                    one.tally().parked(),
                                    total == null ? null : speed.secondsLeft(one, total, allowedPerSecond)));
                })
                .toList();
    }

    /** The progress of a required load of every row; null if there is none. */
    @Nullable
    String loading(@Nullable Long people) {
        return open.stream()
                .filter(one -> one.kind().isNeeded() && one.state() != Backfill.State.PAUSED)
                .findFirst()
                .map(one -> String.format(
                        Locale.ROOT,
                        "%s: %,d rows%s are settled",
                        one.kind() == Backfill.Kind.FIRST_LOAD ? "first load" : "reload",
                        one.tally().rows(),
                        people == null ? "" : String.format(Locale.ROOT, " of about %,d", people)))
                .orElse(null);
    }
}
