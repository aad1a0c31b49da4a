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
import java.util.concurrent.TimeUnit;

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
     * @return false when stopped, or if the rows of some users change again and again, so that the read has to be repeated
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails; {@link ai.flameup.sync.source.PostgresFailures#isTransient} tells
     *     whether to try again
     */
    public boolean read(List<String> userIds, RowKey progress, CountDownLatch stop) throws InterruptedException {
        try {
            List<String> ids = userIds;
            for (int round = 0; round < FenceReader.MAX_ROUNDS; round++) {
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
                if (struck.isEmpty()) {
                    return true;
                }
                // Their rows may have been inserted after the read.
                ids = struck.stream().map(PersonKeys::userId).toList();
                if (stop.await(FenceReader.PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
            return false;
        } catch (SQLException e) {
            throw database.fault("finding the rows of user ids", e);
        }
    }
}
