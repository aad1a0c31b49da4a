package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was delivered and what is still to do, in a SQLite database that survives the process and the machine's power.
 *
 * <p>May be shared between threads: one connection, one method at a time. What a method has done is on the disk when it
 * returns. Every method throws {@link Fault} if the store cannot be used any more, with {@link ExitCode#STORE}, or
 * {@link ExitCode#TRY_LATER} where another process keeps it locked for seconds; and {@link IllegalStateException} for a
 * bug in the caller, after which the store is as it was before.
 */
public final class StateStore implements AutoCloseable {
    private final Connection connection;
    private final StoreFaults faults;

    StateStore(Connection connection, StoreFaults faults) {
        this.connection = connection;
        this.faults = faults;
    }

    /**
     * Opens the store, makes it where there is none, and brings an older one to the present form, of which a copy is
     * kept beside it first. To be called by the process that holds the {@link StateDirectory}.
     *
     * @throws Fault with {@link ExitCode#STORE} if it is damaged, from a newer version, or cannot be written; then it is
     *     left as it is
     */
    public static StateStore open(Path directory) {
        return open(directory, Migrations.bundled());
    }

    /** Whether a store has been made in the directory before. */
    public static boolean isAt(Path directory) {
        return Files.exists(file(directory));
    }

    private static Path file(Path directory) {
        return directory.resolve("state.db");
    }

    static StateStore open(Path directory, Migrations migrations) {
        Path file = file(directory);
        return new StateStore(new StoreFile(file, migrations).open(), new StoreFaults(file));
    }

    /** Empty until {@link #adopt}. */
    public synchronized Optional<Identity> identity() {
        return one(
                "SELECT * FROM identity",
                row -> new Identity(
                        row.getString("system_identifier"),
                        row.getInt("timeline"),
                        row.getString("database_name"),
                        row.getString("table_name"),
                        row.getString("slot"),
                        row.getString("base_url"),
                        row.getString("workspace"),
                        row.getString("user_id_column")));
    }

    /** Makes the store that of a source and a destination, which happens once, and says where the stream begins. */
    public synchronized void adopt(Identity identity, Lsn position) {
        if (identity().isPresent()) {
            throw new IllegalStateException("the store has an identity already");
        }
        inTransaction(() -> {
            change(
                    "INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
                    identity.systemIdentifier(),
                    identity.timeline(),
                    identity.database(),
                    identity.table(),
                    identity.slot(),
                    identity.baseUrl(),
                    identity.workspace(),
                    identity.userIdColumn());
            change("INSERT INTO position VALUES (1, ?)", position.toString());
        });
    }

    /** Where reading goes on: everything before it is settled. Empty until {@link #adopt}. */
    public synchronized Optional<Lsn> position() {
        return one("SELECT lsn FROM position", row -> Lsn.parse(row.getString(1)));
    }

    /** Those that have not ended, oldest first. */
    public synchronized List<Backfill> openBackfills() {
        return all("SELECT * FROM backfill WHERE ended_at IS NULL ORDER BY id", StateStore::backfill);
    }

    /**
     * Asks for a backfill; what is returned is stored.
     *
     * @param requestedBy user@host
     */
    public synchronized Backfill addBackfill(Backfill.Kind kind, String requestedBy) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Backfill.State state = Backfill.State.RUNNING;
        long id = insert(
                "INSERT INTO backfill (kind, state, requested_at, requested_by) VALUES (?, ?, ?, ?)",
                kind.name(),
                state.name(),
                now.toString(),
                requestedBy);
        return new Backfill(id, kind, state, null, 0, now, requestedBy);
    }

    /**
     * Makes all of the updates, in order, or none.
     *
     * @throws IllegalStateException if the position would go backwards, or a backfill does not exist
     */
    public synchronized void apply(List<StateUpdate> updates) {
        inTransaction(() -> {
            try (UpdateTransaction transaction = new UpdateTransaction(connection)) {
                for (StateUpdate update : updates) {
                    transaction.make(update);
                }
            }
        });
    }

    /** Oldest first. */
    public synchronized List<DeadLetter> deadLetters() {
        return all("SELECT * FROM dead_letter ORDER BY id", StateStore::deadLetter);
    }

    public synchronized long deadLetterCount() {
        return one("SELECT count(*) FROM dead_letter", row -> row.getLong(1)).orElseThrow();
    }

    /** Begins an entry in the history of runs, and gives its id. */
    public synchronized long startRun(String mode, Instant at) {
        return insert("INSERT INTO run (mode, started_at) VALUES (?, ?)", mode, at.toString());
    }

    public synchronized void endRun(long id, Instant at, int exitCode, long delivered, long parked, long requests) {
        inTransaction(() -> change(
                "UPDATE run SET ended_at = ?, exit_code = ?, delivered = ?, parked = ?, requests = ? WHERE id = ?",
                at.toString(),
                exitCode,
                delivered,
                parked,
                requests,
                id));
    }

    @Override
    public synchronized void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    private static Backfill backfill(ResultSet row) throws SQLException {
        return new Backfill(
                row.getLong("id"),
                Backfill.Kind.valueOf(row.getString("kind")),
                Backfill.State.valueOf(row.getString("state")),
                key(row.getBytes("last_key")),
                row.getLong("row_count"),
                Instant.parse(row.getString("requested_at")),
                row.getString("requested_by"));
    }

    private static DeadLetter deadLetter(ResultSet row) throws SQLException {
        return new DeadLetter(
                row.getString("user_id"),
                key(row.getBytes("row_key")),
                row.getInt("status"),
                row.getString("reason"),
                row.getString("request_id"),
                Instant.parse(row.getString("parked_at")),
                row.getInt("attempts"));
    }

    private static @Nullable RowKey key(byte @Nullable [] bytes) {
        return bytes == null ? null : new RowKey(new String(bytes, StandardCharsets.UTF_8));
    }

    private interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> Optional<T> one(String query, Reader<T> reader) {
        return all(query, reader).stream().findFirst();
    }

    private <T> List<T> all(String query, Reader<T> reader) {
        try (PreparedStatement select = connection.prepareStatement(query);
                ResultSet row = select.executeQuery()) {
            List<T> read = new ArrayList<>();
            while (row.next()) {
                read.add(reader.read(row));
            }
            return read;
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    private void inTransaction(Sqlite.Work work) {
        try {
            Sqlite.inTransaction(connection, work);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /** @return the id of the new row */
    private long insert(String sql, Object... values) {
        long[] id = new long[1];
        inTransaction(() -> {
            change(sql, values);
            id[0] = Long.parseLong(Sqlite.text(connection, "SELECT last_insert_rowid()"));
        });
        return id[0];
    }

    /** Inserts or updates exactly one row, within a transaction. */
    private void change(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            if (statement.executeUpdate() != 1) {
                throw new IllegalStateException("not one row: " + sql);
            }
        }
    }
}
