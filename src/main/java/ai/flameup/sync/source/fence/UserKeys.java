package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.AbsentUsers;
import ai.flameup.sync.source.rows.KeyConversion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Finds the primary keys of the rows of users. Reads only. For one thread. */
public final class UserKeys {
    private final boolean isPrimaryKey;
    private final PersonKeys persons;
    private final AbsentUsers absent;
    private final KeyConversion conversion;

    /** @param userId the column of the user ids, one of the mapped columns; an index on it makes the search cheap */
    public UserKeys(Database database, Table table, String userId) {
        Column column = table.columns().stream()
                .filter(one -> one.name().equals(userId))
                .findFirst()
                .orElseThrow();
        this.isPrimaryKey = table.key().equals(List.of(column));
        this.persons = PersonKeys.of(table, userId);
        this.absent = new AbsentUsers(database, column);
        this.conversion = new KeyConversion(database, List.of(column), table.key());
    }

    /**
     * Returns the keys of all rows with one of the ids, and the keys of persons for ids without a row. If the primary key is the
     * user id, the two are equal.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public List<RowKey> of(Collection<String> userIds) {
        if (isPrimaryKey) {
            return userIds.stream().map(id -> RowKey.of(List.of(id))).toList();
        }
        // Those that are not values of the column's type count as absent.
        List<String> gone = absent.among(List.copyOf(userIds));
        List<RowKey> present = userIds.stream()
                .filter(id -> !gone.contains(id))
                .map(id -> RowKey.of(List.of(id)))
                .toList();
        List<RowKey> keys = new ArrayList<>();
        gone.forEach(id -> keys.add(persons.of(id)));
        if (!present.isEmpty()) {
            conversion.convert(present).values().forEach(keys::addAll);
        }
        return keys;
    }
}
