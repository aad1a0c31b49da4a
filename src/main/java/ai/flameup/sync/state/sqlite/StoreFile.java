package ai.flameup.sync.state.sqlite;

import ai.flameup.sync.state.directory.StateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/**
 * The store's file, which is created, checked and migrated before anything is read from it.
 *
 * <p>INVARIANT: the file is complete as soon as it has its name, because it is created under another name. So an empty
 * file is damaged, and a damaged file is never written to. For one thread of the process that holds the
 * {@code StateDirectory}.
 */
public final class StoreFile {
    /** Marks a database as one of this program ("flup"). */
    private static final int APPLICATION_ID = 0x666C7570;
    /**
     * A larger file is not checked as a whole, because that reads all of it: a ledger of ten million persons uses 1.5 GB. Its
     * small tables are checked, and SQLite reports a damaged page of the others when it is read.
     */
    private static final long MAX_CHECKED = 64L << 20;

    private final Path file;
    private final Migrations migrations;
    private final StoreFaults faults;
    private final CleanMark mark;
    private boolean wasClosed = true;

    public StoreFile(Path file, Migrations migrations) {
        this.file = file;
        this.migrations = migrations;
        this.faults = new StoreFaults(file);
        this.mark = new CleanMark(file);
    }

    /** @throws ai.flameup.sync.fault.Fault if the store cannot be used */
    public Connection open() {
        try {
            boolean isNew = Files.notExists(file);
            if (isNew) {
                create();
            }
            requireNotEmpty();
            wasClosed = isNew || mark.isValid();
            return openExisting();
        } catch (IOException e) {
            throw faults.of(e);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /**
     * Opens the file in a process that does not hold the directory, while the file may be in use. It is neither created,
     * checked nor migrated.
     *
     * @throws ai.flameup.sync.fault.Fault if there is none, or it cannot be used
     */
    public Connection openShared() {
        try {
            if (Files.notExists(file)) {
                throw faults.none();
            }
            requireNotEmpty();
            wasClosed = mark.isValid();
            return closedIfFailed(Sqlite.connect(file), this::requireLatestVersion);
        } catch (IOException e) {
            throw faults.of(e);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /**
     * Opens the store read-only, and leaves no trace.
     *
     * @param held whether a process holds the directory: then the store is not checked for damage
     * @return empty if there is no store
     * @throws ai.flameup.sync.fault.Fault if the store cannot be used
     */
    public Optional<Connection> openReadOnly(boolean held) {
        try {
            if (Files.notExists(file)) {
                requireNoLog();
                return Optional.empty();
            }
            requireNotEmpty();
            Connection opened = Sqlite.connectToLook(file, Files.exists(sibling("-wal")));
            return Optional.of(closedIfFailed(opened, connection -> {
                requireKnownVersion(connection);
                if (!held) {
                    check(connection);
                }
            }));
        } catch (IOException e) {
            throw faults.of(e);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    private void requireNotEmpty() throws IOException {
        if (Files.size(file) == 0) {
            throw faults.damaged("it is empty");
        }
    }

    /** Whether the file was as it was when it was closed, or is new. To be called after {@link #open}. */
    public boolean wasClosed() {
        return wasClosed;
    }

    /** To be called after the process that holds the directory has closed its last connection. */
    public void closed() {
        mark.write();
    }

    /** To be called after the connection of {@link #openShared} was closed. A change by a command is not an unclean stop. */
    public void closedShared() {
        // A log shows that another process has opened the file meanwhile.
        if (wasClosed && Files.notExists(sibling("-wal"))) {
            mark.write();
        }
    }

    private void create() throws IOException, SQLException {
        requireNoLog();
        Path fresh = sibling(".new");
        createEmpty(fresh);
        try (Connection connection = Sqlite.connect(fresh);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA application_id = " + APPLICATION_ID);
            migrations.migrate(connection);
        }
        publish(fresh, file);
    }

    private void requireNoLog() {
        if (Files.exists(sibling("-wal"))) {
            // SQLite would apply it to any database that it finds there.
            throw faults.store("it is missing, but its log %s exists; restore the store, or move the log away as well"
                    .formatted(sibling("-wal").getFileName()));
        }
    }

    private Connection openExisting() throws IOException, SQLException {
        return closedIfFailed(Sqlite.connect(file), connection -> {
            requireKnownVersion(connection);
            if (!wasClosed) {
                check(connection);
            }
            migrate(connection);
            String mode = Sqlite.text(connection, "PRAGMA journal_mode = WAL");
            if (!mode.equals("wal")) {
                throw faults.store(
                        "its file system does not support shared memory for the log; it must be a local one");
            }
        });
    }

    private int requireKnownVersion(Connection connection) throws SQLException {
        if (Sqlite.number(connection, "PRAGMA application_id") != APPLICATION_ID) {
            throw faults.foreign();
        }
        int version = Sqlite.number(connection, "PRAGMA user_version");
        if (version > migrations.latest()) {
            throw faults.newer(version, migrations.latest());
        }
        return version;
    }

    private void requireLatestVersion(Connection connection) throws SQLException {
        int version = requireKnownVersion(connection);
        if (version < migrations.latest()) {
            throw faults.older(version, migrations.latest());
        }
    }

    private void check(Connection connection) throws IOException, SQLException {
        if (Files.size(file) <= MAX_CHECKED) {
            requireOk(connection, "PRAGMA quick_check(1)");
            return;
        }
        for (String table : List.of("identity", "position", "backfill", "deferred", "deferral", "secret")) {
            requireOk(connection, "PRAGMA quick_check('" + table + "')");
        }
    }

    private void requireOk(Connection connection, String check) throws SQLException {
        if (!Sqlite.text(connection, check).equals("ok")) {
            throw faults.damaged("its check failed");
        }
    }

    private void migrate(Connection connection) throws IOException, SQLException {
        int version = Sqlite.number(connection, "PRAGMA user_version");
        if (version < migrations.latest()) {
            copyTo(connection, sibling(".v" + version));
            migrations.migrate(connection);
        }
    }

    private void copyTo(Connection connection, Path copy) throws IOException, SQLException {
        Path fresh = sibling(".new");
        createEmpty(fresh);
        try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            vacuum.setString(1, fresh.toString());
            vacuum.execute();
        }
        publish(fresh, copy);
    }

    private Path sibling(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** Replaces what a killed process may have left behind. */
    private static void createEmpty(Path fresh) throws IOException {
        Files.deleteIfExists(fresh);
        Files.deleteIfExists(fresh.resolveSibling(fresh.getFileName() + "-journal"));
        StateFiles.create(fresh);
    }

    private static void publish(Path fresh, Path target) throws IOException {
        force(fresh);
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        Path directory = target.toAbsolutePath().getParent();
        if (directory != null) {
            force(directory);
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private interface Preparation {
        void run(Connection connection) throws IOException, SQLException;
    }

    private static Connection closedIfFailed(Connection connection, Preparation preparation)
            throws IOException, SQLException {
        try {
            preparation.run(connection);
            return connection;
        } catch (IOException | SQLException | RuntimeException e) {
            closeAfter(e, connection);
            throw e;
        }
    }

    private static void closeAfter(Exception why, Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }
}
