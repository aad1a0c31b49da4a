package ai.flameup.sync.job;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.ReplicaIdentity;
import ai.flameup.sync.state.pending.Backfills;

/**
 * Decides whether the person of a changed row was certainly delivered with all values before. Only then can a value be
 * left out that the update omits as unchanged. In doubt, the row is read again, which costs a request and loses
 * nothing. Thread-safe.
 */
final class DeliveredBefore {
    private final Database database;
    private final Backfills backfills;
    private final boolean isUserIdInKey;
    /** Whether the stream reports every change of a row's person. */
    private volatile boolean reportsNewPersons;
    /** Never becomes false again, because a resync ends the run. */
    private volatile boolean isLoaded;

    /** @param userId the column of the user id */
    DeliveredBefore(Database database, Table table, String userId, Backfills backfills) {
        this.database = database;
        this.backfills = backfills;
        this.isUserIdInKey = table.key().stream().map(Column::name).anyMatch(userId::equals);
    }

    /**
     * Reads the replica identity, which may be altered. To be called before the stream starts, and every few seconds.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the server cannot be queried
     */
    void refresh() {
        // The stream reports a changed user id only as a changed primary key.
        reportsNewPersons = isUserIdInKey && ReplicaIdentity.reportsNewKeys(database);
    }

    /** To be called only for changes that omit a value, because it may read the store. */
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
