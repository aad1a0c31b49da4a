package ai.flameup.sync.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The local store as it is on the disk, only read. Immutable. */
record Store(Path stateDirectory) {
    private static final String HISTORY_OF_RUNS = "run";

    boolean exists() {
        return Files.exists(file());
    }

    List<Map<String, String>> deadLetters() throws SQLException {
        return query("SELECT * FROM dead_letter");
    }

    /** How many rows are to be read again. */
    int deferred() throws SQLException {
        return query("SELECT * FROM deferred").size();
    }

    /** Returns every row of every table except the history of runs; empty if the store is missing or empty. */
    String content() throws SQLException {
        if (!exists()) {
            return "";
        }
        StringBuilder content = new StringBuilder();
        for (Map<String, String> table :
                query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1")) {
            String name = table.get("name");
            if (!name.equals(HISTORY_OF_RUNS)) {
                for (Map<String, String> row : query("SELECT * FROM \"" + name + "\"")) {
                    content.append(name).append(' ').append(row).append('\n');
                }
            }
        }
        return content.toString();
    }

    List<Map<String, String>> query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:file:" + file() + "?mode=ro");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<Map<String, String>> rows = new ArrayList<>();
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnName(i), result.getString(i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    private Path file() {
        return stateDirectory.resolve("state.db");
    }
}
