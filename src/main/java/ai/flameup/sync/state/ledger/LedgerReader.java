package ai.flameup.sync.state.ledger;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.sqlite.StoreFaults;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ledger: the entry of a person, and which persons may hold an address. Addresses are numbers of
 * {@link LedgerHashes}.
 *
 * <p>For one thread, which calls it up to a hundred thousand times a second. It has its own connection, so that it never
 * waits for a commit. Each result is the committed state at the call. No transaction stays open, because that would show
 * an old state and prevent SQLite from truncating its log. Every method throws {@link Fault} with {@link ExitCode#STORE}
 * if the store cannot be read any more. To be closed before the store.
 */
public final class LedgerReader implements AutoCloseable {
    /** The maximum number of holders that are returned: it only matters whether there are several. */
    public static final int MAX_HOLDERS = 8;

    private final Connection connection;
    private final PreparedStatement entry;
    private final PreparedStatement further;
    private final PreparedStatement holders;
    private final PreparedStatement page;
    private final StoreFaults faults;
    private final int generation;

    /**
     * A person of the ledger.
     *
     * @param hashes as in {@link LedgerEntry}, also from before the last resync
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared or changed.
    public record Known(String userId, int[] hashes) {}

    public LedgerReader(Path file, StoreFaults faults) {
        this.faults = faults;
        try {
            this.connection = Sqlite.connectToRead(file);
            this.generation = Sqlite.number(connection, "SELECT coalesce(max(ledger_generation), 0) FROM identity");
            this.entry = connection.prepareStatement(
                    "SELECT address, resume_at, ordinal, flags, hashes FROM ledger WHERE user_id = ?");
            this.further = connection.prepareStatement("SELECT address FROM further_address WHERE user_id = ?");
            this.holders = connection.prepareStatement("SELECT user_id FROM ledger WHERE address = ?1"
                    + " UNION ALL SELECT user_id FROM further_address WHERE address = ?1 LIMIT " + MAX_HOLDERS);
            this.page = connection.prepareStatement("SELECT user_id, hashes FROM ledger WHERE user_id > ?"
                    + " AND (resume_at IS NOT NULL OR address IS NOT NULL) ORDER BY user_id LIMIT ?");
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /** Returns the number of resyncs, after each of which the ledger knows of no accepted state. */
    public int generation() {
        return generation;
    }

    /** Returns {@link LedgerEntry#NONE} if the person is not known. */
    public LedgerEntry entry(String userId) {
        try {
            StoredUserId.bind(entry, 1, userId);
            try (ResultSet row = entry.executeQuery()) {
                return row.next() ? read(row, userId) : LedgerEntry.NONE;
            }
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    private LedgerEntry read(ResultSet row, String userId) throws SQLException {
        int flags = row.getInt(4);
        long[] addresses = addresses(row, userId, flags);
        if (flags / LedgerTable.GENERATION != generation) {
            // The API may have received other states since: only the addresses are still true.
            return LedgerEntry.holding(addresses);
        }
        long resumeAt = row.getLong(2);
        Position accepted = row.wasNull() ? null : new Position(new Lsn(resumeAt), row.getLong(3));
        return new LedgerEntry(accepted, (flags & LedgerTable.MUST_REPEAT) != 0, addresses, hashes(row.getBytes(5)));
    }

    private long[] addresses(ResultSet row, String userId, int flags) throws SQLException {
        long first = row.getLong(1);
        if (row.wasNull()) {
            return LedgerEntry.NONE.addresses();
        }
        long[] addresses = {first};
        if ((flags & LedgerTable.HAS_FURTHER_ADDRESSES) == 0) {
            return addresses;
        }
        StoredUserId.bind(further, 1, userId);
        try (ResultSet more = further.executeQuery()) {
            while (more.next()) {
                addresses = Arrays.copyOf(addresses, addresses.length + 1);
                addresses[addresses.length - 1] = more.getLong(1);
            }
        }
        return addresses;
    }

    private static int[] hashes(byte @Nullable [] bytes) {
        if (bytes == null) {
            return LedgerEntry.NONE.hashes();
        }
        int[] hashes = new int[bytes.length / Integer.BYTES];
        ByteBuffer.wrap(bytes).asIntBuffer().get(hashes);
        return hashes;
    }

    /** Returns the ids of the users who may hold the address, {@value #MAX_HOLDERS} at most. */
    public List<String> holders(long address) {
        try {
            holders.setLong(1, address);
            try (ResultSet row = holders.executeQuery()) {
                if (!row.next()) {
                    return List.of();
                }
                List<String> found = new ArrayList<>(2);
                do {
                    found.add(StoredUserId.read(row, 1));
                } while (row.next());
                return found;
            }
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /**
     * Runs look-ups that all see one state of the store. Each is cheaper than alone, because the file is locked once. To be
     * short, for the reasons above.
     */
    public void inOneSnapshot(Runnable lookups) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
            try {
                lookups.run();
                statement.execute("COMMIT");
            } catch (SQLException | RuntimeException e) {
                Sqlite.rollBack(statement, e);
                throw e;
            }
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /** Returns when the API accepted the last state of the person; empty if it has accepted none since the last resync. */
    public Optional<Instant> acceptedAt(String userId) {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT accepted_at FROM ledger WHERE user_id = ? AND flags / ? = ?")) {
            StoredUserId.bind(statement, 1, userId);
            statement.setInt(2, LedgerTable.GENERATION);
            statement.setInt(3, generation);
            try (ResultSet row = statement.executeQuery()) {
                long seconds = row.next() ? row.getLong(1) : 0;
                return seconds == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
            }
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /**
     * Returns the next persons whom Flameup may have, in a fixed order.
     *
     * @param after the last person of the previous page; null for the first page
     * @return at most {@code limit} persons; empty at the end
     */
    public List<Known> page(@Nullable String after, int limit) {
        try {
            // No id is empty, so all of them come after the empty text.
            StoredUserId.bind(page, 1, after == null ? "" : after);
            page.setInt(2, limit);
            List<Known> persons = new ArrayList<>(limit);
            try (ResultSet row = page.executeQuery()) {
                while (row.next()) {
                    persons.add(new Known(StoredUserId.read(row, 1), hashes(row.getBytes(2))));
                }
            }
            return persons;
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /** Takes persons who share an address. */
    public interface Sharing {
        void accept(String userId, long address) throws IOException;
    }

    /**
     * Passes on the persons who may hold an address that another person may hold as well, those of one address after the other.
     * A person on the way from one address to another counts with the former one.
     *
     * @throws IOException if {@code persons} throws it
     */
    public void forEachSharing(Sharing persons) throws IOException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT user_id, address FROM ledger WHERE address IN (SELECT address"
                                + " FROM ledger WHERE address IS NOT NULL GROUP BY address HAVING count(*) > 1)"
                                + " ORDER BY address, user_id")) {
            while (row.next()) {
                persons.accept(StoredUserId.read(row, 1), row.getLong(2));
            }
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }
}
