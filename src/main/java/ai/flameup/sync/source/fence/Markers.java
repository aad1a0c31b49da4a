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
 * Messages that we write into the WAL and that come back in the stream, in order with everything else. They are
 * transactional, because the other kind may come before what was committed earlier. Thread-safe.
 */
public final class Markers {
    public static final String PREFIX = "flameup-sync";
    private static final String BEAT = "beat";

    private final Database database;
    private final String token;

    /** Markers that no stream takes for its own. */
    public Markers(Database database) {
        this(database, UUID.randomUUID().toString());
    }

    /**
     * @param token known to this process alone, and without spaces: every role that can connect can write messages with our
     *     prefix, and other sidecars do
     */
    public Markers(Database database, String token) {
        this.database = database;
        this.token = token;
    }

    /** A name for a marker that {@link #writePassing} has yet to write: it may come back before the writing returns. */
    public String passing() {
        return "passing " + token + " " + UUID.randomUUID();
    }

    /**
     * Writes a marker that comes as {@code StreamEvent.Passed} once everything committed so far has been handed over.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if it cannot be written
     */
    public void writePassing(String marker) {
        try {
            write(marker);
        } catch (SQLException e) {
            throw database.fault("writing a marker", e);
        }
    }

    /**
     * Moves the stream on where only other tables are written, lets the fence forget what every reader sees by now, and
     * comes as {@code StreamEvent.Passed}, as the other markers do.
     *
     * @param name of letters, digits and spaces; a stream takes it for ours if it begins with the token and a space
     * @param written told where it stands in the WAL, before it can come back
     * @throws ai.flameup.sync.fault.Fault 3 if it cannot be written
     */
    public void beat(String name, Consumer<Lsn> written) {
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

    /** Whether a message of our prefix was written with our token; only such a message is known to have our form. */
    public boolean isOurs(String message) {
        String[] parts = message.split(" ", 3);
        return parts.length == 3 && (parts[0].equals(BEAT) ? parts[2].startsWith(token + " ") : parts[1].equals(token));
    }

    public static boolean isBeat(String message) {
        return message.startsWith(BEAT + " ");
    }

    public static Snapshot snapshotOf(String beat) {
        return Snapshot.parse(beat.split(" ", 3)[1]);
    }

    public static String nameOf(String beat) {
        return beat.split(" ", 3)[2];
    }

    /** A name for a marker that {@link #write} has yet to write. */
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
