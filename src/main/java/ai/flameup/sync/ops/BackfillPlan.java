package ai.flameup.sync.ops;

import ai.flameup.sync.backfill.SendForecast;
import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.source.rows.KeyFinder;
import ai.flameup.sync.source.slot.RetainedWal;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfill.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A backfill before it is requested: checked against the server, on which nothing is changed. Immutable.
 *
 * @param rows the number of its rows, estimated by the server unless they are selected by ids; empty if another session
 *     has locked the table
 * @param wal what the server retains for the slot now
 * @param requestsPerMinute the budget that the minutes are computed with
 */
public record BackfillPlan(Selection selection, OptionalLong rows, RetainedWal wal, long requestsPerMinute) {
    private static final int MAX_NAMED = 20;

    /**
     * The rows of the backfill.
     *
     * @param condition of {@link Kind#WHERE}, else null
     * @param ids of {@link Kind#IDS}, else empty
     * @param missing the first of the ids that have no row
     * @param missingCount the number of ids that have no row
     */
    public record Selection(
            Kind kind, @Nullable String condition, List<String> ids, List<String> missing, long missingCount) {
        static Selection of(Kind kind, @Nullable String condition) {
            return new Selection(kind, condition, List.of(), List.of(), 0);
        }
    }

    public Kind kind() {
        return selection.kind();
    }

    /** The first of the ids that have no row. */
    public List<String> missing() {
        return selection.missing();
    }

    /** The number of ids that have no row. */
    public long missingCount() {
        return selection.missingCount();
    }

    /**
     * Every row.
     *
     * @throws ai.flameup.sync.fault.Fault 2 or 7 if the store belongs to another source or destination; 3 if the server
     *     is not ready
     */
    public static BackfillPlan all(Settings settings) {
        return with(
                settings,
                (database, catalog) -> plan(settings, database, Selection.of(Kind.ALL, null), Scan.estimate(database)));
    }

    /** As {@link #all}, for a resync, whose source may differ from that of the store. */
    static BackfillPlan ofResync(Settings settings) {
        return connected(
                settings,
                (database, catalog) ->
                        plan(settings, database, Selection.of(Kind.RELOAD, null), Scan.estimate(database)));
    }

    /**
     * The rows that match a condition in SQL.
     *
     * @throws ai.flameup.sync.fault.Fault 2 if it is not a condition; 3 if the server is not ready
     */
    public static BackfillPlan where(Settings settings, String condition) {
        return with(settings, (database, catalog) -> {
            long rows = new KeyFinder(database, catalog.key()).check(condition);
            return plan(settings, database, Selection.of(Kind.WHERE, condition), OptionalLong.of(rows));
        });
    }

    /**
     * The rows of users.
     *
     * @param ids values of the column {@code mapping.user-id}
     * @throws ai.flameup.sync.fault.Fault 2 if one is not a value of the column's type; 3 if the server is not ready
     */
    public static BackfillPlan ids(Settings settings, List<String> ids) {
        return with(settings, (database, catalog) -> {
            FoundIds found = new FoundIds();
            find(settings, database, catalog, ids, found::rows, found::missing);
            return plan(
                    settings,
                    database,
                    new Selection(Kind.IDS, null, ids, List.copyOf(found.missing), found.missingCount),
                    OptionalLong.of(found.rows));
        });
    }

    private static void find(
            Settings settings,
            Database database,
            Catalog catalog,
            List<String> ids,
            KeyFinder.Page page,
            Consumer<String> missing) {
        Column userId = Objects.requireNonNull(
                catalog.columns().get(settings.mapping().userId()), "the catalog has every mapped column");
        new KeyFinder(database, catalog.key()).byUserId(userId, ids, page, missing);
    }

    /** Counts instead of collecting, because there may be a million ids. */
    private static final class FoundIds {
        private final List<String> missing = new ArrayList<>();
        private long missingCount;
        private long rows;

        void rows(List<RowKey> keys) {
            rows += keys.size();
        }

        void missing(String id) {
            missingCount++;
            if (missing.size() < MAX_NAMED) {
                missing.add(id);
            }
        }
    }

    private interface Check {
        BackfillPlan plan(Database database, Catalog catalog);
    }

    private static BackfillPlan with(Settings settings, Check check) {
        return connected(settings, (database, catalog) -> {
            checkStore(settings, catalog);
            return check.plan(database, catalog);
        });
    }

    private static BackfillPlan connected(Settings settings, Check check) {
        try (Database database = Database.readOnly(settings.postgres())) {
            database.reach();
            Catalog catalog =
                    Preconditions.checkedCatalog(database, names -> MappedColumns.needed(settings.mapping(), names));
            return check.plan(database, catalog);
        }
    }

    /** In a store of another source or destination, the request would send the wrong rows. */
    private static void checkStore(Settings settings, Catalog catalog) {
        if (StateStore.isAt(settings.stateDirectory())) {
            try (StateStore store = StateStore.openShared(settings.stateDirectory())) {
                store.identity().ifPresent(stored -> stored.check(settings.identity(catalog)));
            }
        }
    }

    private static BackfillPlan plan(Settings settings, Database database, Selection selection, OptionalLong rows) {
        return new BackfillPlan(selection, rows, RetainedWal.read(database), requestsPerMinute(settings));
    }

    private static long requestsPerMinute(Settings settings) {
        if (!StateStore.isAt(settings.stateDirectory())) {
            return SendForecast.requestsPerMinute(Optional.empty(), settings.pipeline());
        }
        try (StateStore store = StateStore.openShared(settings.stateDirectory())) {
            return SendForecast.requestsPerMinute(store.allowance(), settings.pipeline());
        }
    }

    private SendForecast forecast() {
        return new SendForecast(rows.orElseThrow(), requestsPerMinute);
    }

    /** The number of requests if each carries one person. Requires known rows. */
    public long singly() {
        return forecast().singly();
    }

    /** The number of requests if each carries as many persons as possible. Requires known rows. */
    public long inBatches() {
        return forecast().inBatches();
    }

    /** The time that the requests take, in minutes, rounded up. Requires known rows. */
    public long minutes(long requests) {
        return forecast().minutes(requests);
    }

    /**
     * The WAL that reading the rows writes, in bytes. The slot does not retain it, because its position keeps
     * advancing. Requires known rows.
     */
    public long walWritten() {
        return RetainedWal.estimateOfRows(rows.orElseThrow());
    }

    /**
     * Stores the request.
     *
     * @param changedOnly whether rows are not sent whose state Flameup has already
     * @param by user@host
     * @return the stored backfill
     * @throws ai.flameup.sync.fault.Fault 3 if the server can no longer be queried for the rows of ids
     */
    public Backfill request(Settings settings, StateStore store, boolean changedOnly, String by) {
        if (kind() != Kind.IDS) {
            return store.backfills().add(new Backfill.Scope(kind(), selection.condition(), changedOnly), by);
        }
        return store.backfills()
                .addKeys(
                        changedOnly,
                        // Queried again, because a million keys must not be kept in memory.
                        pages -> with(settings, (database, catalog) -> {
                            find(settings, database, catalog, selection.ids(), pages::accept, id -> {});
                            return this;
                        }),
                        by);
    }
}
