package ai.flameup.sync.resume;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.ExpressionCheck;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.catalog.TableVersion;
import ai.flameup.sync.source.catalog.WatchCheck;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches during a stream whether the columns that are read have changed. Thread-safe. */
public final class TableWatch {
    private static final Logger LOG = LoggerFactory.getLogger(TableWatch.class);

    private final Database database;
    private final MappingSettings mapping;
    private final Table table;
    private final Runnable altered;

    /** The last version whose columns were unchanged; null before the first check. */
    private @Nullable TableVersion last;

    /**
     * @param mapping needs the columns
     * @param table the columns that are read
     * @param altered called after each check that finds other columns, because the run must be prepared again
     */
    public TableWatch(Database database, MappingSettings mapping, Table table, Runnable altered) {
        this.database = database;
        this.mapping = mapping;
        this.table = table;
        this.altered = altered;
    }

    /**
     * Checks the table. To be called every few seconds. Cheap unless the table was altered.
     *
     * @return false if the columns that are read have changed
     * @throws Fault 3 if the table is gone, or the server cannot be queried
     */
    public synchronized boolean check() {
        TableVersion now = TableVersion.read(database, table.watched());
        // The first check compares with what the run read before it waited for its slot.
        if (!now.equals(last)) {
            if (!hasSameColumns()) {
                altered.run();
                return false;
            }
            last = now;
        }
        return true;
    }

    /** Whether a stream that started now would read the same columns. */
    private boolean hasSameColumns() {
        try {
            Catalog catalog = Preconditions.checkedCatalog(database, this::columns);
            Table columns = catalog.table(columns(catalog.columns().keySet()));
            return ExpressionCheck.with(database, columns, MappedColumns.expressions(mapping), mapping.timeout())
                    .watching(WatchCheck.of(database, mapping.watch()))
                    .equals(table);
        } catch (Fault fault) {
            if (PostgresFailures.isTransient(fault)) {
                throw fault;
            }
            LOG.debug("The next start reports this: {}", fault.getMessage());
            return false;
        }
    }

    private List<String> columns(Set<String> present) {
        return MappedColumns.needed(mapping, present);
    }
}
