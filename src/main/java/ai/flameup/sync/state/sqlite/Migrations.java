package ai.flameup.sync.state.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The migrations of the store, in order: script N leads from version N-1 to N. Immutable. */
public record Migrations(List<String> scripts) {
    private static final int LATEST = 13;

    /** The migrations that are part of the program. */
    public static Migrations bundled() {
        List<String> scripts = new ArrayList<>();
        for (int version = 1; version <= LATEST; version++) {
            scripts.add(read("/state/V" + version + ".sql"));
        }
        return new Migrations(List.copyOf(scripts));
    }

    public int latest() {
        return scripts.size();
    }

    /** Migrates the store to the latest version, in one transaction for each, so that a killed process leaves a valid version. */
    void migrate(Connection connection) throws SQLException {
        for (int version = Sqlite.number(connection, "PRAGMA user_version"); version < latest(); version++) {
            int from = version;
            Sqlite.Work step = () -> step(connection, from);
            Sqlite.inTransaction(connection, step.asQuery());
        }
    }

    private void step(Connection connection, int from) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(scripts.get(from));
            statement.executeUpdate("PRAGMA user_version = " + (from + 1));
        }
    }

    private static String read(String resource) {
        try (InputStream in = Migrations.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing resource: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
