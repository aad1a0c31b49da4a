package ai.flameup.sync.app;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Catalog;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.KeyConversion;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StoredKeys;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the row keys in the store those of the table's present primary key. For one thread, before anything reads them. */
final class KeyColumns {
    private static final Logger LOG = LoggerFactory.getLogger(KeyColumns.class);

    private final Database database;
    private final StateStore store;

    KeyColumns(Database database, StateStore store) {
        this.database = database;
        this.store = store;
    }

    /**
     * Converts the keys in the store if the primary key has other columns now. If rows that were to be read again cannot be
     * found any more, a backfill of every row is queued, unless a load does that anyway.
     *
     * @throws Fault 3 if the server cannot be asked
     */
    void match(Catalog catalog) {
        List<String> now = catalog.key().stream().map(Column::name).toList();
        StoredKeys keys = store.keys();
        Optional<List<String>> before = keys.columns();
        if (before.isEmpty()) {
            keys.columns(now);
            return;
        }
        if (before.get().equals(now)) {
            return;
        }
        StoredKeys.Changed changed = keys.change(now, conversion(catalog, before.get()));
        if (!changed.isAnything()) {
            LOG.info("The primary key was changed: from={}, to={}", before.get(), now);
            return;
        }
        LOG.warn(
                "The primary key was changed: from={}, to={}, keys_converted={}, deferred_keys_dropped={},"
                        + " dead_letters_without_key={}, backfills_restarted_or_failed={}",
                before.get(),
                now,
                changed.kept(),
                changed.dropped(),
                changed.letters(),
                changed.backfills());
        if (changed.dropped() > 0
                && store.backfills().open().stream().noneMatch(one -> one.kind().isNeeded())) {
            long id = store.backfills()
                    .add(Backfill.Kind.ALL, null, "flameup-sync, the primary key was changed")
                    .id();
            LOG.warn("Backfill {} was queued: it sends every row, because deferred keys were dropped", id);
        }
    }

    private StoredKeys.Conversion conversion(Catalog catalog, List<String> before) {
        List<Column> former = before.stream()
                .map(catalog.columns()::get)
                .filter(Objects::nonNull)
                .toList();
        if (former.size() < before.size()) {
            return keys -> Map.of();
        }
        KeyConversion conversion = new KeyConversion(database, former, catalog.key());
        return keys -> converted(conversion, keys);
    }

    /** A column that has another type now may not take the texts of the former one. */
    private static Map<RowKey, List<RowKey>> converted(KeyConversion conversion, List<RowKey> keys) {
        try {
            return conversion.convert(keys);
        } catch (Fault fault) {
            if (!Database.isOfStatement(fault)) {
                throw fault;
            }
            LOG.warn("Keys of the former primary key cannot be converted: {}", fault.getMessage());
            return Map.of();
        }
    }
}
