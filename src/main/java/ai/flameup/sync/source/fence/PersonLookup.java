package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.AbsentUsers;
import ai.flameup.sync.source.rows.RowReader;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Finds persons without a row, and passes them through the {@link Fence}. One thread at a time. */
public final class PersonLookup {
    private final Database database;
    private final AbsentUsers absent;
    private final PersonKeys keys;
    private final FenceReader reader;

    /**
     * @param scan the id of the scan
     * @param userId the column of the user id, one of the mapped columns
     */
    public PersonLookup(long scan, Database database, Table table, String userId, FenceContext fencing) {
        Column column = table.columns().stream()
                .filter(one -> one.name().equals(userId))
                .findFirst()
                .orElseThrow();
        this.database = database;
        this.absent = new AbsentUsers(database, column);
        this.keys = PersonKeys.of(table, userId);
        this.reader = new FenceReader(scan, new RowReader(database, table), fencing);
    }

    /**
     * Looks for the rows of users, and waits until the result has passed the fence.
     *
     * @param userIds each once
     * @param progress delivered with the result
     * @return false when stopped
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails; {@link ai.flameup.sync.source.PostgresFailures#isTransient} tells
     *     whether to try again
     */
    public boolean read(List<String> userIds, RowKey progress, CountDownLatch stop) throws InterruptedException {
        try {
            List<String> ids = userIds;
            // The rows of those that were struck may have been inserted after the read. A person whose rows change
            // again and
            // again is left to the stream.
            for (int round = 0; round < FenceReader.MAX_ROUNDS && !ids.isEmpty(); round++) {
                List<String> asked = ids;
                List<RowKey> struck = reader.absent(
                        connection -> absent.among(connection, asked).stream()
                                .map(keys::of)
                                .toList(),
                        progress,
                        stop);
                if (struck == null) {
                    return false;
                }
                ids = struck.stream().map(PersonKeys::userId).toList();
            }
            return ids.isEmpty() || reader.absent(connection -> List.of(), progress, stop) != null;
        } catch (SQLException e) {
            throw database.fault("finding the rows of user ids", e);
        }
    }
}
