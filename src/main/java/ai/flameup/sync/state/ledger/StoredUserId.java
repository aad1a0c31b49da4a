package ai.flameup.sync.state.ledger;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** A user id in the ledger: a UUID in its usual form takes its 16 bytes, anything else its text. */
final class StoredUserId {
    private static final int UUID_LENGTH = 36;

    private StoredUserId() {}

    /** Returns the id as SQLite stores it: bytes or text, which are never equal there. */
    static Object of(String userId) {
        if (userId.length() == UUID_LENGTH && userId.charAt(8) == '-') {
            try {
                UUID uuid = UUID.fromString(userId);
                if (uuid.toString().equals(userId)) {
                    return ByteBuffer.allocate(16)
                            .putLong(uuid.getMostSignificantBits())
                            .putLong(uuid.getLeastSignificantBits())
                            .array();
                }
            } catch (IllegalArgumentException e) {
                return userId;
            }
        }
        return userId;
    }

    static void bind(PreparedStatement statement, int index, String userId) throws SQLException {
        statement.setObject(index, of(userId));
    }

    static String read(ResultSet row, int column) throws SQLException {
        Object stored = row.getObject(column);
        if (stored instanceof byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new UUID(buffer.getLong(), buffer.getLong()).toString();
        }
        return (String) stored;
    }
}
