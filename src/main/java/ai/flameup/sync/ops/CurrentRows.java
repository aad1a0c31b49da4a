package ai.flameup.sync.ops;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.ExpressionCheck;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.rows.AbsentUsers;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import ai.flameup.sync.source.rows.TableRows;
import ai.flameup.sync.state.StateStore;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads and maps current rows as a run does. Changes nothing on the server, and needs only the right to SELECT. For one
 * thread.
 */
public final class CurrentRows implements AutoCloseable {
    private static final int PAGE = 1_024;

    private final Database database;
    private final TableRows rows;
    private final AbsentUsers absent;
    private final Mapper mapper;
    private final boolean first;

    private CurrentRows(Database database, Table table, MappingSettings mapping, boolean first) {
        this.database = database;
        this.rows = new TableRows(database, table, PAGE);
        this.absent = new AbsentUsers(
                database,
                table.columns().stream()
                        .filter(column -> column.name().equals(mapping.userId()))
                        .findFirst()
                        .orElseThrow());
        this.mapper = new Mapper(mapping, table.columns());
        this.first = first;
    }

    /**
     * Connects, and checks the table.
     *
     * @param first whether rows are mapped as a person's first delivery, in which there is nothing to clear with null
     * @throws ai.flameup.sync.fault.Fault 3 if the table cannot be read
     */
    public static CurrentRows open(PostgresSettings postgres, MappingSettings mapping, boolean first) {
        Database database = Database.readOnly(postgres);
        boolean opened = false;
        try {
            database.reach();
            Table columns = Preconditions.readable(database, names -> MappedColumns.needed(mapping, names));
            Table table =
                    ExpressionCheck.with(database, columns, MappedColumns.expressions(mapping), mapping.timeout());
            CurrentRows rows = new CurrentRows(database, table, mapping, first);
            opened = true;
            return rows;
        } finally {
            if (!opened) {
                database.close();
            }
        }
    }

    /**
     * As {@link #open}, for rows that are compared with a store. Rows are mapped as later deliveries.
     *
     * @throws ai.flameup.sync.fault.Fault also 2 or 7 if the store belongs to another source or destination
     */
    public static CurrentRows of(Settings settings, StateStore store) {
        CurrentRows rows = open(settings.postgres(), settings.mapping(), false);
        boolean belongs = false;
        try {
            Catalog catalog = Catalog.read(rows.database);
            store.identity().ifPresent(stored -> stored.check(settings.identity(catalog)));
            belongs = true;
            return rows;
        } finally {
            if (!belongs) {
                rows.close();
            }
        }
    }

    /** The next rows in the order of the primary key; empty at the end. */
    public List<MappedRow> next(@Nullable RowKey after, int limit) {
        return mapped(rows.next(after, limit));
    }

    /**
     * The next rows with a user id; empty at the end.
     *
     * @throws ai.flameup.sync.fault.Fault 2 if the column's type has no such value
     */
    public List<MappedRow> nextOf(String id, @Nullable RowKey after, int limit) {
        return mapped(rows.nextHolding(mapper.userIdColumn(), id, after, limit));
    }

    /**
     * Finds the persons with these user ids, compared as text, in a few queries.
     *
     * @param ids may contain ids that are not values of the column's type; at most a few hundred
     * @param found takes each person that has a row once, in parts of bounded size; the first row if several have the id
     * @throws ai.flameup.sync.fault.Fault 3 if the table cannot be read
     */
    public void find(Collection<String> ids, Consumer<PersonUpsert> found) {
        Set<String> wanted = new LinkedHashSet<>(ids);
        absent.among(List.copyOf(wanted)).forEach(wanted::remove);
        List<String> present = List.copyOf(wanted);
        RowKey after = null;
        while (!wanted.isEmpty()) {
            List<KeyedRow> page = rows.nextHolding(mapper.userIdColumn(), present, after, present.size());
            if (page.isEmpty()) {
                return;
            }
            for (KeyedRow row : page) {
                // The column may accept other texts than its own for the same value, such as 007 for 7.
                if (mapped(row) instanceof Mapped.Upsert upsert
                        && wanted.remove(upsert.person().userId())) {
                    found.accept(upsert.person());
                }
            }
            after = page.get(page.size() - 1).key();
        }
    }

    /**
     * Returns a user id in the form that rows have.
     *
     * @throws ai.flameup.sync.fault.Fault 2 if the column's type has no such value
     */
    public String canonical(String id) {
        return absent.canonical(id);
    }

    /** Returns the user ids that have no row. */
    public List<String> absent(List<String> ids) {
        return absent.among(ids);
    }

    /** Returns the position of the server's WAL. Every change that these rows have shown was committed before it. */
    public Lsn walPosition() {
        return Lsn.parse(database.read(
                "reading the position of the WAL",
                connection -> Queries.text(connection, "SELECT pg_current_wal_insert_lsn()")));
    }

    /** How these rows become persons. */
    public Mapper mapper() {
        return mapper;
    }

    /** As {@link #next}, before {@link #mapped}: for a caller who maps on another thread. */
    public List<KeyedRow> read(@Nullable RowKey after) {
        return rows.next(after, Integer.MAX_VALUE);
    }

    /** The rows that exist of a few primary keys. */
    public List<KeyedRow> ofKeys(List<RowKey> keys) {
        return rows.ofKeys(keys);
    }

    /** Maps a row. Thread-safe. */
    public Mapped mapped(KeyedRow row) {
        return mapper.map(row.row(), first);
    }

    private List<MappedRow> mapped(List<KeyedRow> read) {
        return read.stream().map(row -> new MappedRow(row.key(), mapped(row))).toList();
    }

    @Override
    public void close() {
        database.close();
    }
}
