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
 * @param pending what waits to be read and sent from its row
 * @param open the backfills that have not ended
 */
public record StoreSummary(SortedMap<String, Long> deadLetters, PendingWork pending, List<Backfill> open) {
    static final StoreSummary NOTHING = new StoreSummary(new TreeMap<>(), PendingWork.NOTHING, List.of());

    public static StoreSummary read(StateStore store) {
        SortedMap<String, Long> letters = new TreeMap<>();
        store.deadLetters()
                .byStatus()
                .forEach((status, count) -> letters.put(name(status), count));
        return new StoreSummary(letters, store.pending(), store.backfills().open());
    }

    private static String name(int status) {
        return status == DeadLetter.NOT_SENT ? "not_sent" : status == 0 ? "none" : Integer.toString(status);
    }

    /** The rows that wait to be read again. */
    Status.Deferred deferred(Speed speed) {
        PendingWork.Rows rows = pending.rows();
        return rows.number() == 0
                ? new Status.Deferred(0, null, 0, null)
                : new Status.Deferred(
                        rows.number(),
                        rows.since(),
                        Rates.rounded(speed.perSecond()),
                        speed.secondsLeft(rows.number()));
    }

    long deadLetterCount() {
        return deadLetters.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The backfills for the status. */
    List<Status.Backfill> backfills(@Nullable Long people, BackfillSpeed speed) {
        return open.stream()
                .map(one -> {
                    Long total = one.kind().isOfWholeTable() ? people : one.keys();
                    return new Status.Backfill(
                            one.id(),
                            one.kind().name().toLowerCase(Locale.ROOT),
                            one.state().name().toLowerCase(Locale.ROOT),
                            new Status.Progress(
                                    total,
                                    one.tally().rows(),
                                    one.tally().sent(),
                                    one.tally().parked(),
                                    total == null ? null : speed.secondsLeft(one, total)));
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
