package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.rows.Snapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Writes messages into the WAL that arrive in the stream in order with all changes. They are transactional, because other
 * messages may arrive before earlier commits. Thread-safe.
 */
public final class Markers {
    /** The prefix of all our messages. */
    public static final String PREFIX = "flameup-sync";

    private static final String BEAT = "beat";

    private final Database database;
    private final String token;

    /** Creates markers that no stream recognizes as its own. */
    public Markers(Database database) {
        this(database, UUID.randomUUID().toString());
    }

    /**
     * Creates markers that the stream recognizes by the token.
     *
     * @param token a secret of this process, without spaces: every role that can connect can write messages with our prefix,
     *     and other sidecars do
     */
    public Markers(Database database, String token) {
        this.database = database;
        this.token = token;
    }

    /** Returns a new name for {@link #writeMarker}. The caller must know it first, because the marker may arrive early. */
    public String newMarker() {
        return "passing " + token + " " + UUID.randomUUID();
    }

    /**
     * Writes a marker. It arrives as {@code StreamEvent.MarkerReached} after everything that is committed by now.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if it cannot be written
     */
    public void writeMarker(String marker) {
        try {
            write(marker);
        } catch (SQLException e) {
            throw database.fault("writing a marker", e);
        }
    }

    /**
     * Writes a heartbeat with the current snapshot, which arrives as {@code StreamEvent.MarkerReached}. It advances the stream even if
     * only other tables change, and lets the fence forget transactions that every reader sees.
     *
     * @param name letters, digits and spaces; the stream recognizes a name that begins with the token and a space
     * @param written takes the heartbeat's position in the WAL before the heartbeat can arrive
     * @throws ai.flameup.sync.fault.Fault 3 if it cannot be written
     */
    public void writeHeartbeat(String name, Consumer<Lsn> written) {
        try (Connection connection = database.connection();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT pg_logical_emit_message(true, ?, concat_ws(' ', ?, pg_current_snapshot(), ?))")) {
            Database.commitLocally(connection);
            statement.setString(1, PREFIX);
            statement.setString(2, BEAT);
            statement.setString(3, name);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                written.accept(Lsn.parse(row.getString(1)));
            }
            connection.commit();
        } catch (SQLException e) {
            throw database.fault("writing a heartbeat", e);
        }
    }

    /** Whether a message with our prefix has our token. Only such messages are known to have our format. */
    public boolean isOurs(String message) {
        String[] parts = message.split(" ", 3);
        return parts.length == 3 && (parts[0].equals(BEAT) ? parts[2].startsWith(token + " ") : parts[1].equals(token));
    }

    public static boolean isHeartbeat(String message) {
        return message.startsWith(BEAT + " ");
    }

    public static Snapshot snapshotOf(String beat) {
        return Snapshot.parse(beat.split(" ", 3)[1]);
    }

    public static String nameOf(String beat) {
        return beat.split(" ", 3)[2];
    }

    /** Returns a new name for {@link #write}. */
    String fence() {
        return "fence " + token + " " + UUID.randomUUID();
    }

    void write(String marker) throws SQLException {
        try (Connection connection = database.connection();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
            Database.commitLocally(connection);
            statement.setString(1, PREFIX);
            statement.setString(2, marker);
            statement.execute();
            connection.commit();
        }
    }
}
