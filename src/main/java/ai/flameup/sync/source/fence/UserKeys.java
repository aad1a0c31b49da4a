package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.AbsentUsers;
import ai.flameup.sync.source.rows.KeyConversion;
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
     * What was found of users.
     *
     * @param rows the keys of their rows
     * @param gone the keys under which the fence knows users without a row ({@link PersonKeys}). Such a key need not be a value of the
     *     primary key's type
     */
    public record Found(List<RowKey> rows, List<RowKey> gone) {
        public static final Found NOTHING = new Found(List.of(), List.of());
    }

    /**
     * Finds the rows of users. An id that is not a value of the column's type has none.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public Found of(Collection<String> userIds) {
        if (userIds.isEmpty()) {
            return Found.NOTHING;
        }
        List<String> gone = absent.among(List.copyOf(userIds));
        List<RowKey> present = userIds.stream()
                .filter(id -> !gone.contains(id))
                .map(id -> RowKey.of(List.of(id)))
                .toList();
        List<RowKey> rows = isPrimaryKey || present.isEmpty()
                ? present
                : conversion.convert(present).values().stream()
                        .flatMap(List::stream)
                        .toList();
        return new Found(rows, gone.stream().map(persons::of).toList());
    }
}
