package ai.flameup.sync.source;

import java.sql.Connection;
import java.sql.SQLException;

/** Access to the pool for tests of other packages. */
public final class PooledConnection {
    private PooledConnection() {}

    /** Returns a connection, which the caller closes. */
    public static Connection of(Database database) throws SQLException {
        return database.connection();
    }
}
