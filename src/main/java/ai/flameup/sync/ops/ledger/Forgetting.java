package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.StateHashes;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.ops.CurrentRows;
import ai.flameup.sync.pipeline.RequestTrace;
import ai.flameup.sync.state.DeliveredPersons;
import ai.flameup.sync.state.RowKeyColumns;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.OpenRequests;
import ai.flameup.sync.state.directory.StateDirectory;
import ai.flameup.sync.state.ledger.LedgerReader;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.DeadLetter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Removes a person whose row was deleted from the local store. Stateless. */
public final class Forgetting {
    /** More rows with one user id are not expected. */
    private static final int MAX_ROWS = 100;

    private Forgetting() {}

    /**
     * Removes what the store has of the person, also during a run.
     *
     * @return what was removed, which may be nothing
     * @throws Fault 2 or 7 if there is no store, or it belongs to another source or destination; 3 if the table cannot be read; 6 if the person still has a row that meets {@code mapping.where}, because a run would deliver the person again, or
     *     if an active run has not settled the deletion, or may send a row of the person that it read before
     */
    public static DeliveredPersons.Forgotten forget(Settings settings, String id) throws InterruptedException {
        try (StateStore store = StateStore.openShared(settings.stateDirectory());
                CurrentRows table = CurrentRows.of(settings, store)) {
            String userId = table.canonical(id);
            if (table.absent(List.of(userId)).isEmpty() && !isExcluded(table, userId)) {
                throw new Fault(
                        ExitCode.ATTENTION,
                        "user %s still has a row, so the next change would be delivered. Delete the row first, or exclude it by mapping.where"
                                .formatted(userId));
            }
            Set<RowKey> keys = keys(settings, store, userId);
            boolean isRunning = StateDirectory.holder(settings.stateDirectory()).isPresent();
            if (isRunning) {
                requireSettled(settings, store, table, userId);
                requireNotRead(store, userId, keys);
            }
            requireMarked(settings, store, userId);
            return store.persons().forget(userId, keys, !isRunning);
        }
    }

    /** Whether no row of the user meets {@code mapping.where}. */
    private static boolean isExcluded(CurrentRows table, String userId) {
        return table.nextOf(userId, null, MAX_ROWS).stream()
                .map(MappedRow::mapped)
                .allMatch(row ->
                        row instanceof Mapped.Outside || (row instanceof Mapped.Upsert upsert && upsert.deleted()));
    }

    /** The run would store the person again with the deletion, or with the answer to a request. */
    private static void requireSettled(Settings settings, StateStore store, CurrentRows table, String userId)
            throws InterruptedException {
        boolean isSettled =
                new RunProgress(settings.stateDirectory(), new StopSignal()).awaitIfActive(store, table.walPosition());
        int open = OpenRequests.count(settings.stateDirectory(), RequestTrace.person(userId));
        if (!isSettled || open > 0) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "the active run has not settled every change before this command yet. Repeat the command once `flameup-sync status` shows no backlog");
        }
    }

    /** The run may have read the person's row before it was deleted, and would send it. */
    private static void requireNotRead(StateStore store, String userId, Set<RowKey> keys) {
        boolean isKeyKnown = keys.contains(RowKey.of(List.of(userId)));
        boolean isDeferred = isKeyKnown
                ? keys.stream().anyMatch(store.persons()::isDeferred)
                : store.pending().rows().number() > 0;
        if (isDeferred || store.persons().isDeleteDeferred(userId)) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "a change of user %s was deferred, and the active run may send the row as it was. Repeat the command once `flameup-sync status` shows nothing deferred, or stop the run first"
                            .formatted(userId));
        }
        if (store.backfills().open().stream().anyMatch(one -> one.state() == Backfill.State.RUNNING)) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "the active run sends the rows of a backfill, and may have read that of user %s before it was deleted. Repeat the command once the backfill has ended, or stop the run first"
                            .formatted(userId));
        }
    }

    /** A later run would send the deletion, and so create the person again at Flameup. */
    private static void requireMarked(Settings settings, StateStore store, String userId) {
        try (LedgerReader ledger = store.persons().ledger()) {
            LedgerEntry entry = ledger.entry(userId);
            boolean isDelivered = entry.accepted() != null;
            if (settings.mapping().onDelete() != OnDelete.IGNORE
                    && isDelivered
                    && !StateHashes.isDeleted(entry.hashes())) {
                throw new Fault(
                        ExitCode.ATTENTION,
                        "the deletion of user %s has not been delivered yet. Deliver it first: `flameup-sync run`, or after a gap `flameup-sync verify --repair`"
                                .formatted(userId));
            }
        }
    }

    /** The primary keys that the person's row is known to have had. */
    private static Set<RowKey> keys(Settings settings, StateStore store, String userId) {
        Set<RowKey> keys = new HashSet<>();
        store.persons().deadLetters(userId).stream()
                .map(store.deadLetters()::one)
                .flatMap(Optional::stream)
                .map(DeadLetter::key)
                .flatMap(Stream::ofNullable)
                .forEach(keys::add);
        boolean isKey = store.keys()
                .columns()
                .map(RowKeyColumns.Columns::names)
                .filter(List.of(settings.mapping().userId())::equals)
                .isPresent();
        if (isKey) {
            keys.add(RowKey.of(List.of(userId)));
        }
        return keys;
    }
}
