package ai.flameup.sync.state.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.util.Optional;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * One connection to the store: queries and transactions, one at a time. Thread-safe.
 *
 * <p>Every method throws {@link ai.flameup.sync.fault.Fault} as {@code StateStore} documents.
 */
public final class StoreConnection {
    private final Statements statements;
    private final StoreFaults faults;
    private SynchronousMode synchronous = SynchronousMode.FULL;

    /** @param connection closed by {@link #close} */
    public StoreConnection(Path file, Connection connection) {
        this.statements = new Statements(connection);
        this.faults = new StoreFaults(file);
    }

    /** To be used only within a query or a transaction of this connection. */
    public Statements statements() {
        return statements;
    }

    public StoreFaults faults() {
        return faults;
    }

    public synchronized <T> T read(Sqlite.Query<T> query) {
        try {
            return query.run();
        } catch (SQLException e) {
            throw faults.of(e);
        } catch (IllegalArgumentException | DateTimeException unreadable) {
            // The sidecar can read every value that it writes, so another program or the disk changed this one.
            throw faults.damaged("a value in it cannot be read");
        }
    }

    /** The first row, if there is one. */
    public <T> Optional<T> one(String query, Statements.Reader<T> reader) {
        return read(() -> statements.one(query, reader));
    }

    /** Commits what the query changes, or none of it, and waits for the disk. */
    public synchronized <T> T write(Sqlite.Query<T> query) {
        return inTransaction(SynchronousMode.FULL, query);
    }

    /** As {@link #write}, for a change that returns nothing. */
    public void change(Sqlite.Work work) {
        write(work.asQuery());
    }

    /** As {@link #change}, but does not wait for the disk. */
    public synchronized void changeUnforced(Sqlite.Work work) {
        inTransaction(SynchronousMode.NORMAL, work.asQuery());
    }

    private <T> T inTransaction(SynchronousMode mode, Sqlite.Query<T> query) {
        try {
            if (synchronous != mode) {
                Sqlite.setSynchronous(statements.connection(), mode);
                synchronous = mode;
            }
            return Sqlite.inTransaction(statements.connection(), query);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    public synchronized void close() {
        try {
            statements.connection().close();
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }
}
