package ai.flameup.sync.ops;

import ai.flameup.sync.backfill.SendForecast;
import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.source.rows.KeyFinder;
import ai.flameup.sync.source.slot.RetainedWal;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.Backfill.Kind;
import ai.flameup.sync.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A backfill before it is asked for: checked against the server, which nothing is changed on. Immutable.
 *
 * @param condition of {@link Kind#WHERE}, else null
 * @param ids of {@link Kind#IDS}; else empty
 * @param missing the first of the ids that have no row
 * @param missingCount how many of them have none
 * @param rows how many it is about, by the server's estimate where they were not named; empty if another session has
 *     locked the table
 * @param wal what the server keeps for the slot as things are
 * @param requestsPerMinute which the minutes are reckoned with
 */
public record BackfillPlan(
        Kind kind,
        @Nullable String condition,
        List<String> ids,
        List<String> missing,
        long missingCount,
        OptionalLong rows,
        RetainedWal wal,
        long requestsPerMinute) {
    private static final int MOST_NAMED = 20;

    /**
     * Every row.
     *
     * @throws ai.flameup.sync.fault.Fault 2, 7 where the store is another's; 3 where the server is not ready
     */
    public static BackfillPlan all(Settings settings) {
        return with(
                settings,
                (database, catalog) ->
                        plan(settings, database, Kind.ALL, null, new Ids(List.of()), Scan.estimate(database)));
    }

    /** As {@link #all}, for a store that is to begin anew from another source. */
    static BackfillPlan anew(Settings settings) {
        return connected(
                settings,
                (database, catalog) ->
                        plan(settings, database, Kind.RELOAD, null, new Ids(List.of()), Scan.estimate(database)));
    }

    /**
     * The rows that a condition in SQL holds for.
     *
     * @throws ai.flameup.sync.fault.Fault 2 where it is none; 3 where the server is not ready
     */
    public static BackfillPlan where(Settings settings, String condition) {
        return with(settings, (database, catalog) -> {
            long rows = new KeyFinder(database, catalog.key()).check(condition);
            return plan(settings, database, Kind.WHERE, condition, new Ids(List.of()), OptionalLong.of(rows));
        });
    }

    /**
     * The rows of users.
     *
     * @param ids as {@code mapping.user-id} has them
     * @throws ai.flameup.sync.fault.Fault 2 where one is none of its column; 3 where the server is not ready
     */
    public static BackfillPlan ids(Settings settings, List<String> ids) {
        return with(settings, (database, catalog) -> {
            Ids named = new Ids(ids);
            find(settings, database, catalog, ids, named::found, named::missing);
            return plan(settings, database, Kind.IDS, null, named, OptionalLong.of(named.rows));
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

    /** What is known of ids, of which there may be a million. */
    private static final class Ids {
        private final List<String> ids;
        private final List<String> missing = new ArrayList<>();
        private long missingCount;
        private long rows;

        Ids(List<String> ids) {
            this.ids = ids;
        }

        void found(List<RowKey> keys) {
            rows += keys.size();
        }

        void missing(String id) {
            missingCount++;
            if (missing.size() < MOST_NAMED) {
                missing.add(id);
            }
        }
    }

    private interface Look {
        BackfillPlan at(Database database, Catalog catalog);
    }

    private static BackfillPlan with(Settings settings, Look look) {
        return connected(settings, (database, catalog) -> {
            checkStore(settings, catalog);
            return look.at(database, catalog);
        });
    }

    private static BackfillPlan connected(Settings settings, Look look) {
        try (Database database = Database.readOnly(settings.postgres())) {
            database.reach();
            Catalog catalog =
                    Preconditions.checkedCatalog(database, names -> Mapper.columnsNeeded(settings.mapping(), names));
            return look.at(database, catalog);
        }
    }

    /** A request in a store of another source or destination would be done there. */
    private static void checkStore(Settings settings, Catalog catalog) {
        if (StateStore.isAt(settings.stateDirectory())) {
            try (StateStore store = StateStore.openBeside(settings.stateDirectory())) {
                store.identity().ifPresent(stored -> stored.check(settings.identity(catalog)));
            }
        }
    }

    private static BackfillPlan plan(
            Settings settings, Database database, Kind kind, @Nullable String condition, Ids ids, OptionalLong rows) {
        return new BackfillPlan(
                kind,
                condition,
                ids.ids,
                List.copyOf(ids.missing),
                ids.missingCount,
                rows,
                RetainedWal.read(database),
                requestsPerMinute(settings));
    }

    private static long requestsPerMinute(Settings settings) {
        if (!StateStore.isAt(settings.stateDirectory())) {
            return SendForecast.requestsPerMinute(Optional.empty(), settings.pipeline());
        }
        try (StateStore store = StateStore.openBeside(settings.stateDirectory())) {
            return SendForecast.requestsPerMinute(store.allowance(), settings.pipeline());
        }
    }

    private SendForecast forecast() {
        return new SendForecast(rows.orElseThrow(), requestsPerMinute);
    }

    /** Requests where each carries one person; for a plan whose rows are known. */
    public long singly() {
        return forecast().singly();
    }

    /** Requests where each carries as many persons as it may; for a plan whose rows are known. */
    public long inBatches() {
        return forecast().inBatches();
    }

    /** How long so many requests take, rounded up; for a plan whose rows are known. */
    public long minutes(long requests) {
        return forecast().minutes(requests);
    }

    /**
     * By how much the reading makes the WAL grow, in bytes, for a plan whose rows are known. The slot does not retain it,
     * because its position keeps advancing.
     */
    public long walWritten() {
        return RetainedWal.written(rows.orElseThrow());
    }

    /**
     * Leaves the request in the store.
     *
     * @param by user@host
     * @return as it is stored
     * @throws ai.flameup.sync.fault.Fault 3 where the server cannot be asked for the rows of ids any more
     */
    public Backfill request(Settings settings, StateStore store, String by) {
        if (kind != Kind.IDS) {
            return store.backfills().add(kind, condition, by);
        }
        return store.backfills()
                .addKeys(
                        // Looked for once more, because a million keys are not to be held.
                        pages -> with(settings, (database, catalog) -> {
                            find(settings, database, catalog, ids, pages::accept, id -> {});
                            return this;
                        }),
                        by);
    }
}
