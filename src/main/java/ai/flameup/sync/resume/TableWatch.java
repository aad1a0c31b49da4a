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
 * Watches the table beside a stream: whether what is read of it is still as it was, and whether it had another name for a
 * while, whose changes the stream leaves out. The catalog does not show the second, so each change of the table's catalog
 * row has the WAL checked, on a thread of its own, while the stream goes on; the slot keeps the WAL until then. Thread-safe.
 */
public final class TableWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableWatch.class);
    /** So often at most the stream is restarted to check the slot itself, where the server has none free for a copy. */
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

    /** The newest state that nothing is wrong with; null before the first look. */
    private @Nullable TableVersion last;
    /** Up to where the table is known to have had its name throughout. */
    private volatile Lsn upTo;

    private String version;
    private @Nullable Check check;
    private @Nullable Long loggedAt;

    /** @param found up to {@code found.before()} it is known to have had its name */
    public TableWatch(Database database, Slot slot, StateStore store, Reading reading, TableVersion found) {
        this.database = database;
        this.store = store;
        this.mapping = reading.mapping();
        this.table = reading.table();
        this.names = new RenameCheck(database, slot);
        this.version = found.version();
        this.upTo = found.before();
    }

    /** What is read of the table, and by which rules. */
    public record Reading(MappingSettings mapping, Table table) {}

    /** A check that is under way, and of which version. */
    private record Check(String version, Future<Optional<Lsn>> upTo) {}

    /** Up to where the table is known to have had its name throughout. Never goes back. */
    public Lsn upTo() {
        return upTo;
    }

    /**
     * Looks at the table.
     *
     * @return false if what is read of it has changed, so that everything has to be looked at anew
     * @throws Fault 3 if the table is gone, or the server cannot be asked; 7 if changes were missed
     */
    public synchronized boolean look() {
        boolean hasCopy = takeCheck();
        TableVersion now = TableVersion.read(database);
        // What a run reads was looked at before it waited for its slot.
        if (last == null || !now.isAs(last)) {
            if (!isReadAlike()) {
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
            if (PostgresFailures.isPassing(fault)) {
                LOG.debug("Checked again after the next look: {}", fault.getMessage());
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

    /** Whether a stream that began now would read the same. */
    private boolean isReadAlike() {
        try {
            Catalog catalog = Preconditions.checkedCatalog(database, this::columns);
            return catalog.table(columns(catalog.columns().keySet())).equals(table);
        } catch (Fault fault) {
            if (PostgresFailures.isPassing(fault)) {
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

    /** Ends a check that is under way. */
    @Override
    public void close() {
        checker.shutdownNow();
        names.cancel();
    }
}
