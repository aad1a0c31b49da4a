package ai.flameup.sync.source;

import java.sql.Connection;
import java.sql.SQLException;

/** Access to the pool for tests of other packages. */
public final class PooledConnection {
    private PooledConnection() {}

    /** To be closed by the caller. */
    public static Connection of(Database database) throws SQLException {
        return database.connection();
    }
}
