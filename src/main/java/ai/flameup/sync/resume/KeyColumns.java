package ai.flameup.sync.resume;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.rows.KeyConversion;
import ai.flameup.sync.state.RowKeyColumns;
import ai.flameup.sync.state.StateStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the row keys in the store those of the table's present primary key. For one thread, before anything reads them.
 */
public final class KeyColumns {
    private static final Logger LOG = LoggerFactory.getLogger(KeyColumns.class);

    private final Database database;
    private final StateStore store;

    public KeyColumns(Database database, StateStore store) {
        this.database = database;
        this.store = store;
    }

    /**
     * Converts the keys in the store if the primary key has other columns now. Columns that only have other names are
     * the same ones. Keys of a store of an older version, which did not store the columns, are dropped if they have
     * another number of columns.
     *
     * @throws Fault 3 if the server cannot be queried
     */
    public void match(Catalog catalog) {
        RowKeyColumns.Columns now = new RowKeyColumns.Columns(
                catalog.key().stream().map(Column::name).toList(), catalog.keyIds());
        RowKeyColumns keys = store.keys();
        Optional<RowKeyColumns.Columns> before = keys.columns();
        if (before.isEmpty()) {
            int size = now.names().size();
            if (keys.areOfSize(size)) {
                keys.columns(now);
            } else {
                change("unknown", now, some -> ofSize(size, some));
            }
            return;
        }
        List<String> names = before.get().names();
        if (!names.equals(now.names()) && !before.get().ids().equals(now.ids())) {
            change(names.toString(), now, conversion(catalog, names));
        } else if (!before.get().equals(now)) {
            if (!names.equals(now.names())) {
                LOG.info("Columns of the primary key were renamed: from={}, to={}", names, now.names());
            }
            keys.columns(now);
        }
    }

    private void change(String before, RowKeyColumns.Columns now, RowKeyColumns.Conversion conversion) {
        RowKeyColumns.Changed changed = store.keys().change(now, conversion);
        if (!changed.isAnything()) {
            LOG.info("The primary key was changed: from={}, to={}", before, now.names());
            return;
        }
        LOG.warn(
                "The primary key was changed: from={}, to={}, keys_converted={}, deferred_keys_dropped={},"
                        + " dead_letters_without_key={}, backfills_restarted_or_failed={}",
                before,
                now.names(),
                changed.kept(),
                changed.dropped(),
                changed.letters(),
                changed.backfills());
        if (changed.queued() != null) {
            LOG.warn(
                    "Backfill {} was queued: it sends every row, because deferred keys were dropped", changed.queued());
        }
    }

    private static Map<RowKey, List<RowKey>> ofSize(int size, List<RowKey> keys) {
        return keys.stream()
                .distinct()
                .filter(key -> key.values().size() == size)
                .collect(Collectors.toMap(key -> key, List::of));
    }

    private RowKeyColumns.Conversion conversion(Catalog catalog, List<String> before) {
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
            if (!PostgresFailures.isOfStatement(fault)) {
                throw fault;
            }
            LOG.warn("Keys of the former primary key cannot be converted: {}", fault.getMessage());
            return Map.of();
        }
    }
}
