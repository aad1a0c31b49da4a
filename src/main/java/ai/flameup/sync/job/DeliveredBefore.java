package ai.flameup.sync.job;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.ReplicaIdentity;
import ai.flameup.sync.state.Backfills;

/**
 * Decides whether the person of a changed row is known to have been delivered whole before. Only then does a value that
 * an update leaves out as unchanged say "as before". If in doubt the row is read again, which costs a call and loses
 * nothing. Thread-safe.
 */
final class DeliveredBefore {
    private final Database database;
    private final Backfills backfills;
    private final boolean isUserIdInKey;
    /** Whether the stream reports every change of a row's person. */
    private volatile boolean reportsNewPersons;
    /** Once true it stays so: a resync ends the run. */
    private volatile boolean isLoaded;

    /** @param userId the column of the user id */
    DeliveredBefore(Database database, Table table, String userId, Backfills backfills) {
        this.database = database;
        this.backfills = backfills;
        this.isUserIdInKey = table.key().stream().map(Column::name).anyMatch(userId::equals);
    }

    /**
     * To be called before the stream begins, and every few seconds: the replica identity may be altered.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the server cannot be asked
     */
    void look() {
        // The stream reports another user id only as another primary key.
        reportsNewPersons = isUserIdInKey && ReplicaIdentity.reportsNewKeys(database);
    }

    /** May read the store: to be asked only for a change that leaves out a value. */
    boolean of(RowChange change) {
        return reportsNewPersons && change.kind() != RowChange.Kind.UPDATE_OF_KEY && isLoaded();
    }

    private boolean isLoaded() {
        if (!isLoaded) {
            isLoaded = backfills.isEveryRowDelivered();
        }
        return isLoaded;
    }
}
