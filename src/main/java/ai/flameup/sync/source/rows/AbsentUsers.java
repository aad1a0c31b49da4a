package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/** Finds user ids that have no row. Reads only. One thread at a time. */
public final class AbsentUsers {
    private static final String DATA_EXCEPTION = "22";

    private final Database database;
    private final Column userId;
    private final TypeCatalog types;

    /** @param userId the column of the user ids; an index on it makes the search cheap */
    public AbsentUsers(Database database, Column userId) {
        this.database = database;
        this.userId = userId;
        this.types = new TypeCatalog(database);
    }

    /**
     * Returns the ids without a row.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the query fails
     */
    public List<String> among(List<String> ids) {
        return database.read("finding the rows of user ids", connection -> {
            Database.limitLockWait(connection);
            return among(connection, ids);
        });
    }

    /**
     * Returns the id in the form that rows have, such as 7 for 007, or lower case for a UUID.
     *
     * @throws ai.flameup.sync.fault.Fault 2 with Postgres's message if it is not a value of the column's type; 3 if the query fails
     *     otherwise
     */
    public String canonical(String id) {
        try (Connection connection = database.connection()) {
            PageReader.addOperatorsOf(connection, userId);
            String printed = Queries.text(
                    connection, "SELECT (" + types.decoded(userId, "?") + "::" + type(connection) + ")::text", id);
            connection.rollback();
            return types.of(userId.typeOid()).ofText(printed);
        } catch (SQLException e) {
            throw String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)
                    ? new Fault(
                            ExitCode.USAGE, "column %s: %s".formatted(userId.name(), PostgresFailures.message(e)), e)
                    : database.fault("reading a user id", e);
        }
    }

    /** Without the type's modifier: a cast to varchar(3) would truncate an id and find another person. */
    private String type(Connection connection) throws SQLException {
        return Queries.text(connection, "SELECT format_type(?::oid, -1)", Integer.toUnsignedString(userId.typeOid()));
    }

    /** As {@link #among(List)}, in an open transaction. */
    public List<String> among(Connection connection, List<String> ids) throws SQLException {
        if (ids.isEmpty()) {
            return ids;
        }
        PageReader.addOperatorsOf(connection, userId);
        return among(connection, type(connection), ids);
    }

    private List<String> among(Connection connection, String type, List<String> ids) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            List<String> absent = query(connection, type, ids);
            connection.releaseSavepoint(before);
            return absent;
        } catch (SQLException e) {
            if (!String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)) {
                throw e;
            }
            connection.rollback(before);
        }
        // One of them is not a value of the column's type, for example because another column was mapped before.
        if (ids.size() == 1) {
            return ids;
        }
        int half = ids.size() / 2;
        List<String> absent = new ArrayList<>(among(connection, type, ids.subList(0, half)));
        absent.addAll(among(connection, type, ids.subList(half, ids.size())));
        return absent;
    }

    private List<String> query(Connection connection, String type, List<String> ids) throws SQLException {
        String sql = "SELECT flameup_ids.id FROM unnest(?::text[]) AS flameup_ids (id) WHERE NOT EXISTS"
                + " (SELECT FROM %s flameup_table WHERE flameup_table.%s = %s::%s)"
                        .formatted(
                                database.settings().quotedTable(),
                                Sql.identifier(userId.name()),
                                types.decoded(userId, "flameup_ids.id"),
                                type);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            List<String> absent = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    absent.add(row.getString(1));
                }
            }
            return absent;
        }
    }
}
