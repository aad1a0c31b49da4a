package ai.flameup.sync.source;

/** How many connections to Postgres a run opens at most. */
public final class ConnectionCount {
    /** Those of the pool: the search of a backfill's rows, a check of the table's name, and a read, which needs two. */
    static final int POOL = 4;

    /** All client connections: the pool's, one of the engine, and one more while the engine starts. */
    public static final int CLIENTS = POOL + 2;

    /** With the connection for replication, which counts for the limits of role and database as well. */
    public static final int NEEDED = CLIENTS + 1;

    private ConnectionCount() {}
}
