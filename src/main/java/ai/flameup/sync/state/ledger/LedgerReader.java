package ai.flameup.sync.state;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.sqlite.Sqlite;
import ai.flameup.sync.state.sqlite.StoreFaults;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads which addresses a person may hold at Flameup, and which persons may hold an address. Addresses are numbers of
 * {@link AddressHash}.
 *
 * <p>For one thread, which calls it up to a hundred thousand times a second. It has its own connection, so that it never
 * waits for a commit. Each result is the committed state at the call. No transaction stays open, because that would show
 * an old state and prevent SQLite from truncating its log. Every method throws {@link Fault} with {@link ExitCode#STORE}
 * if the store cannot be read any more. To be closed before the store.
 */
public final class HeldAddresses implements AutoCloseable {
    /** The maximum number of holders that are returned: it only matters whether there are several. */
    public static final int MAX_HOLDERS = 8;

    private static final long[] NONE = {};

    private final Connection connection;
    private final PreparedStatement ofPerson;
    private final PreparedStatement ofAddress;
    private final StoreFaults faults;
    private long[] found = new long[4];

    HeldAddresses(Path file, StoreFaults faults) {
        this.faults = faults;
        try {
            this.connection = Sqlite.connectToRead(file);
            this.ofPerson = connection.prepareStatement("SELECT address FROM held_address WHERE user_id = ?");
            this.ofAddress = connection.prepareStatement(
                    "SELECT user_id FROM held_address WHERE address = ? LIMIT " + MAX_HOLDERS);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /** Returns an empty array if the person holds none. */
    public long[] of(String userId) {
        try {
            ofPerson.setString(1, userId);
            int count = 0;
            try (ResultSet row = ofPerson.executeQuery()) {
                while (row.next()) {
                    if (count == found.length) {
                        found = Arrays.copyOf(found, 2 * count);
                    }
                    found[count++] = row.getLong(1);
                }
            }
            return count == 0 ? NONE : Arrays.copyOf(found, count);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /** Returns the ids of the users who may hold the address, {@value #MAX_HOLDERS} at most. */
    public List<String> holders(long address) {
        try {
            ofAddress.setLong(1, address);
            try (ResultSet row = ofAddress.executeQuery()) {
                if (!row.next()) {
                    return List.of();
                }
                List<String> holders = new ArrayList<>(2);
                do {
                    holders.add(row.getString(1));
                } while (row.next());
                return holders;
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
