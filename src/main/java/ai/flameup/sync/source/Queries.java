package ai.flameup.sync.source;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Runs statements, and queries whose parameters are texts. Stateless. */
public final class Queries {
    /** Receives each row of a result. The row is only valid during the call. */
    public interface RowHandler {
        void handle(ResultSet row) throws SQLException;
    }

    private Queries() {}

    /** Returns the first column of the first row as text: empty if there is no row, {@code "null"} for a null. */
    public static String text(Connection connection, String sql, String... parameters) throws SQLException {
        List<String> values = new ArrayList<>(1);
        query(connection, sql, row -> values.add(String.valueOf(row.getString(1))), parameters);
        return values.isEmpty() ? "" : values.get(0);
    }

    /** Whether the first column of the first row is true: false if there is no row, and for a null. */
    public static boolean isTrue(Connection connection, String sql, String... parameters) throws SQLException {
        return text(connection, sql, parameters).equals("t");
    }

    /** Runs a statement that has no parameters and whose result is not needed. */
    public static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Hands each row to the handler, in the order of the result. */
    public static void query(Connection connection, String sql, RowHandler handler, String... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    handler.handle(rows);
                }
            }
        }
    }
}
