package ai.flameup.sync.source;

/** The maximum number of connections to Postgres that a run opens. */
public final class ConnectionCount {
    /** The pool's connections: two searches for rows, the checks during a stream, and a read, which needs two. */
    static final int POOL = 5;

    /** All client connections: the pool's, one for the engine, and one more while the engine starts. */
    public static final int CLIENTS = POOL + 2;

    /** Includes the replication connection, which the limits of role and database count as well. */
    public static final int NEEDED = CLIENTS + 1;

    private ConnectionCount() {}
}
