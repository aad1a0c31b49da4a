package ai.flameup.sync.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * The store's file: made, checked and brought to the newest form before anything is read from it.
 *
 * <p>INVARIANT: a file of the store's own name is whole from its first instant, because it is made under another name;
 * so an empty one is a damaged one, and what is damaged is never written to. For one thread of one process: the holder
 * of the {@link StateDirectory}.
 */
final class StoreFile {
    /** Marks a database as one of ours ("flup"). */
    private static final int APPLICATION_ID = 0x666C7570;

    private final Path file;
    private final Migrations migrations;
    private final StoreFaults faults;
    private final CleanMark mark;

    StoreFile(Path file, Migrations migrations) {
        this.file = file;
        this.migrations = migrations;
        this.faults = new StoreFaults(file);
        this.mark = new CleanMark(file);
    }

    /** @throws ai.flameup.sync.fault.Fault if the store cannot be used */
    Connection open() {
        try {
            if (Files.notExists(file)) {
                create();
            }
            requireNotEmpty();
            return openExisting();
        } catch (IOException e) {
            throw faults.of(e);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }

    /**
     * For a process that does not hold the directory, so that the file may be in use: it is neither made, checked nor
     * changed in its form.
     *
     * @throws ai.flameup.sync.fault.Fault if there is none, or it cannot be used
     */
    Connection openBeside() {
        try {
            if (Files.notExists(file)) {
                throw faults.none();
            }
            requireNotEmpty();
            return closedIfFailed(Sqlite.connect(file), this::requirePresentForm);
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
    Optional<Connection> openToLook(boolean held) {
        try {
            if (Files.notExists(file)) {
                requireNoLog();
                return Optional.empty();
            }
            requireNotEmpty();
            Connection opened = Sqlite.connectToLook(file, Files.exists(beside("-wal")));
            return Optional.of(closedIfFailed(opened, connection -> {
                requireKnownForm(connection);
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

    /** To be called after the last connection of the one who holds the directory was closed. */
    void closed() {
        mark.leave();
    }

    private void create() throws IOException, SQLException {
        requireNoLog();
        Path fresh = beside(".new");
        createEmpty(fresh);
        try (Connection connection = Sqlite.connect(fresh);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA application_id = " + APPLICATION_ID);
            migrations.migrate(connection);
        }
        putInPlace(fresh, file);
    }

    private void requireNoLog() {
        if (Files.exists(beside("-wal"))) {
            // SQLite would play it back into whatever database it finds.
            throw faults.store("it is missing, but its log %s is there; put it back, or move the log away as well"
                    .formatted(beside("-wal").getFileName()));
        }
    }

    private Connection openExisting() throws IOException, SQLException {
        boolean asItWasLeft = mark.stands();
        return closedIfFailed(Sqlite.connect(file), connection -> {
            requireKnownForm(connection);
            if (!asItWasLeft) {
                check(connection);
            }
            migrate(connection);
            String mode = Sqlite.text(connection, "PRAGMA journal_mode = WAL");
            if (!mode.equals("wal")) {
                throw faults.store("its file system has no shared memory for the log; it must be a local one");
            }
        });
    }

    private int requireKnownForm(Connection connection) throws SQLException {
        if (Sqlite.number(connection, "PRAGMA application_id") != APPLICATION_ID) {
            throw faults.foreign();
        }
        int version = Sqlite.number(connection, "PRAGMA user_version");
        if (version > migrations.latest()) {
            throw faults.newer(version, migrations.latest());
        }
        return version;
    }

    private void requirePresentForm(Connection connection) throws SQLException {
        int version = requireKnownForm(connection);
        if (version < migrations.latest()) {
            throw faults.older(version, migrations.latest());
        }
    }

    private void check(Connection connection) throws SQLException {
        String verdict = Sqlite.text(connection, "PRAGMA quick_check(1)");
        if (!verdict.equals("ok")) {
            throw faults.damaged("its check failed");
        }
    }

    private void migrate(Connection connection) throws IOException, SQLException {
        int version = Sqlite.number(connection, "PRAGMA user_version");
        if (version < migrations.latest()) {
            keepCopy(connection, beside(".v" + version));
            migrations.migrate(connection);
        }
    }

    private void keepCopy(Connection connection, Path copy) throws IOException, SQLException {
        Path fresh = beside(".new");
        createEmpty(fresh);
        try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            vacuum.setString(1, fresh.toString());
            vacuum.execute();
        }
        putInPlace(fresh, copy);
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** Replaces what a killed process may have left. */
    private static void createEmpty(Path fresh) throws IOException {
        Files.deleteIfExists(fresh);
        Files.deleteIfExists(fresh.resolveSibling(fresh.getFileName() + "-journal"));
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static void putInPlace(Path fresh, Path target) throws IOException {
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
