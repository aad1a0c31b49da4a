package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status.Notice;
import ai.flameup.sync.observe.Status.Wal;
import ai.flameup.sync.source.slot.RetainedWal;
import ai.flameup.sync.state.pending.Backfill;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an operator should know or do although the job works. A pure function of its inputs. Stateless. */
final class Notices {
    private Notices() {}

    /**
     * @param watched whether the server has answered
     */
    static List<Notice> of(StoreSummary stored, Counters counters, Wal wal, boolean watched) {
        List<Notice> notices = new ArrayList<>();
        long letters = stored.deadLetterCount();
        if (letters > 0) {
            notices.add(new Notice(
                    "dead-letters",
                    letters == 1
                            ? "1 person is parked as a dead letter"
                            : letters + " persons are parked as dead letters",
                    "To see them with their reasons, run `flameup-sync dead-letters list`."));
        }
        Long retained = wal.retainedBytes();
        RetainedWalLevel level = RetainedWalLevel.of(retained, wal.limitBytes());
        if (retained != null && level != RetainedWalLevel.FINE) {
            notices.add(new Notice(
                    "retained-wal",
                    String.format(
                            Locale.ROOT,
                            "the server retains %,d MB of WAL for slot %s, %s postgres.max-retained-wal (%,d MB)",
                            retained >> 20,
                            wal.slot(),
                            level == RetainedWalLevel.PAST ? "more than" : "more than half of",
                            wal.limitBytes() >> 20),
                    "To see what delays the deliveries, run `flameup-sync doctor`."));
        }
        if (watched && wal.serverLimitBytes() == null && !wal.isSlotGone()) {
            notices.add(new Notice(
                    "max-slot-wal-keep-size",
                    "max_slot_wal_keep_size is unlimited: retained WAL can fill the server's disk while flameup-sync is down",
                    "To limit it, run as a superuser: `%s`.".formatted(RetainedWal.limitedTo(wal.limitBytes()))));
        }
        stored.open().stream()
                .filter(one -> one.state() == Backfill.State.PAUSED)
                .map(Backfill::id)
                .forEach(id -> notices.add(new Notice(
                        "backfill-paused",
                        "an operator paused backfill %s".formatted(id),
                        "To continue it, run `flameup-sync backfill resume %s`.".formatted(id))));
        if (counters.backfillsFailed() > 0) {
            notices.add(new Notice(
                    "backfill-failed",
                    counters.backfillsFailed() == 1
                            ? "a backfill failed"
                            : counters.backfillsFailed() + " backfills failed",
                    "To see why, run `flameup-sync backfill list`."));
        }
        if (stored.sharedEmails() > 0) {
            notices.add(new Notice(
                    "email-held",
                    String.format(
                            Locale.ROOT,
                            "%,d persons share an email address with another person at Flameup, which keeps it for the one that was sent last",
                            stored.sharedEmails()),
                    "To see who they are, run `flameup-sync status --shared-emails`."));
        }
        addOfApi(notices, counters);
        return List.copyOf(notices);
    }

    private static void addOfApi(List<Notice> notices, Counters counters) {
        String unread = counters.unreadBudget();
        if (unread != null) {
            notices.add(new Notice(
                    "rate-limit-unknown",
                    "the API's rate limit headers are not understood (%s); set flameup.max-requests-per-minute to the limit of your contract"
                            .formatted(unread),
                    null));
        }
        String reason = counters.batchesGivenUp();
        if (reason != null) {
            notices.add(new Notice(
                    "batches-given-up",
                    "the batch call is not usable: %s; persons are sent one by one in this run".formatted(reason),
                    null));
        }
    }
}
