package ai.flameup.sync.ops;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.slot.PublicationVersion;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A resync before it is requested: checked against the server, on which nothing is changed. Immutable.
 *
 * @param before source and destination of the store
 * @param now source and destination after the resync
 * @param gap why a resync is needed; null if none is
 * @param rows the cost of sending every row
 */
public record ResyncPlan(
        Identity before, Identity now, @Nullable String gap, BackfillPlan rows) {
    /**
     * @throws Fault 2 if the store has no position, or the destination has changed; 3 if the server is not ready, or
     *     the slot belongs to another job; 75 if a process other than this store's run streams from it
     */
    public static ResyncPlan of(Settings settings) throws InterruptedException {
        try (StateStore store = StateStore.openShared(settings.stateDirectory());
                Database database = Database.readOnly(settings.postgres())) {
            Identity before = store.identity()
                    .orElseThrow(() -> new Fault(
                            ExitCode.USAGE,
                            "there is no position to resync from. `flameup-sync run` starts, and loads every row"));
            database.reach();
            Catalog catalog =
                    Preconditions.checkedCatalog(database, names -> MappedColumns.needed(settings.mapping(), names));
            Identity now = settings.identity(catalog);
            before.checkDestination(now);
            Slot slot = new Slot(database, false);
            if (StateDirectory.holder(settings.stateDirectory()).isEmpty()) {
                slot.awaitIdle(new CountDownLatch(1));
            } else {
                // This store's run may stream from it.
                slot.inspect();
            }
            Table table = catalog.table(
                    MappedColumns.needed(settings.mapping(), catalog.columns().keySet()));
            return new ResyncPlan(before, now, gap(store, now, database, slot, table), BackfillPlan.ofResync(settings));
        }
    }

    private static boolean isActive(Slot slot) {
        return slot.inspect().filter(SlotState::active).isPresent();
    }

    /** A run that has started to stream meanwhile prevents the inspection of the slot. It has checked the WAL itself. */
    private static void requireWal(SlotGuard guard, Slot slot) {
        try {
            guard.requireWal();
        } catch (Fault fault) {
            if (fault.exitCode() == ExitCode.GAP || !isActive(slot)) {
                throw fault;
            }
        }
    }

    /** The fault that a run would report. */
    private static @Nullable String gap(StateStore store, Identity now, Database database, Slot slot, Table table) {
        try {
            store.identity().orElseThrow().check(now);
            SlotGuard guard =
                    SlotGuard.forCommand(database, slot, () -> SlotGuard.Known.of(store), () -> store.position()
                            .orElseThrow());
            guard.requireSlot();
            if (!isActive(slot)) {
                requireWal(guard, slot);
            }
            PublicationVersion publication = slot.publication().check(table.stored());
            if (store.publication().filter(publication::continues).isEmpty()) {
                throw slot.publication().missed();
            }
            return null;
        } catch (Fault fault) {
            if (PostgresFailures.isTransient(fault)) {
                throw fault;
            }
            return String.join("; ", fault.problems());
        }
    }

    /**
     * Stores the request.
     *
     * @param by user@host
     */
    public Resync request(StateStore store, String by) {
        return store.resyncs().request(now.location(), null, by);
    }
}
