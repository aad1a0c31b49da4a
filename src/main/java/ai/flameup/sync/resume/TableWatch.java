package ai.flameup.sync.resume;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.catalog.TableVersion;
import ai.flameup.sync.source.slot.RenameCheck;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StateStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the table during a stream: whether the columns that are read have changed, and whether the table had another
 * name for a while, because the stream omits changes made meanwhile. The catalog does not show a former name. So after
 * each change of the table's catalog row, a separate thread checks the WAL while the stream continues; the slot retains
 * the WAL until then. Thread-safe.
 */
public final class TableWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableWatch.class);
    /**
     * The minimum time between restarts of the stream, which check the slot itself if the server has no slot for a
     * copy.
     */
    private static final Duration RESTART_EVERY = Duration.ofSeconds(30);

    private static final Duration LOG_EVERY = Duration.ofMinutes(1);

    private final Database database;
    private final StateStore store;
    private final MappingSettings mapping;
    private final Table table;
    private final RenameCheck names;
    private final ExecutorService checker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "table");
        thread.setDaemon(true);
        return thread;
    });
    private final long start = System.nanoTime();

    /** The last version whose columns were unchanged; null before the first check. */
    private @Nullable TableVersion last;
    /** The position up to which the table is known to have had its name. */
    private volatile Lsn upTo;

    private String version;
    private @Nullable Check check;
    private @Nullable Long loggedAt;

    /** @param found up to {@code found.before()} the table is known to have had its name */
    public TableWatch(Database database, Slot slot, StateStore store, Reading reading, TableVersion found) {
        this.database = database;
        this.store = store;
        this.mapping = reading.mapping();
        this.table = reading.table();
        this.names = new RenameCheck(database, slot);
        this.version = found.version();
        this.upTo = found.before();
    }

    /** The columns that are read, and the mapping that needs them. */
    public record Reading(MappingSettings mapping, Table table) {}

    /** A check in progress, and the version that it is for. */
    private record Check(String version, Future<Optional<Lsn>> upTo) {}

    /** The position up to which the table is known to have had its name. Never decreases. */
    public Lsn upTo() {
        return upTo;
    }

    /**
     * Checks the table. To be called every few seconds.
     *
     * @return false if the columns that are read have changed, so that the run must be prepared again
     * @throws Fault 3 if the table is gone, or the server cannot be queried; 7 if changes were missed
     */
    public synchronized boolean check() {
        boolean hasCopy = takeCheck();
        TableVersion now = TableVersion.read(database);
        // The first check compares with what the run read before it waited for its slot.
        if (last == null || !now.isAs(last)) {
            if (!hasSameColumns()) {
                return false;
            }
            last = now;
        }
        if (now.version().equals(version)) {
            if (now.settled()) {
                advance(now.before());
            }
            return true;
        }
        if (check == null && !checker.isShutdown()) {
            logAltered();
            Lsn from = upTo;
            check = new Check(now.version(), checker.submit(() -> names.requireOneNameSince(from)));
        }
        return hasCopy || System.nanoTime() - start < RESTART_EVERY.toNanos();
    }

    /** @return false if the server has no slot for a copy */
    private boolean takeCheck() {
        Check done = check;
        if (done == null || !done.upTo.isDone()) {
            return true;
        }
        check = null;
        try {
            Optional<Lsn> checked = done.upTo.get();
            checked.ifPresent(at -> {
                version = done.version;
                store.tableVersion(version);
                advance(at);
            });
            return checked.isPresent();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof Fault fault)) {
                throw new IllegalStateException(e.getCause());
            }
            if (PostgresFailures.isTransient(fault)) {
                LOG.debug("The check is repeated: {}", fault.getMessage());
                return true;
            }
            throw fault;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void advance(Lsn at) {
        if (at.isAfter(upTo)) {
            upTo = at;
        }
    }

    /** Whether a stream that started now would read the same columns. */
    private boolean hasSameColumns() {
        try {
            Catalog catalog = Preconditions.checkedCatalog(database, this::columns);
            return catalog.table(columns(catalog.columns().keySet())).equals(table);
        } catch (Fault fault) {
            if (PostgresFailures.isTransient(fault)) {
                throw fault;
            }
            LOG.debug("The next start reports this: {}", fault.getMessage());
            return false;
        }
    }

    private List<String> columns(Set<String> present) {
        return Mapper.columnsNeeded(mapping, present);
    }

    private void logAltered() {
        long now = System.nanoTime();
        if (loggedAt == null || now - loggedAt > LOG_EVERY.toNanos()) {
            loggedAt = now;
            LOG.info("Table altered: checking the WAL for changes made under another name");
        }
    }

    /** Ends a check in progress. */
    @Override
    public void close() {
        checker.shutdownNow();
        names.cancel();
    }
}
