package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys under which the fence knows persons, for reads that look for a user id instead of a primary key. If the primary
 * key is the user id, the two are equal. Otherwise a person's key has one value more than a primary key, so that they are
 * never equal. Immutable.
 *
 * @param column the index of the user id in a row; negative if the primary key is the user id
 * @param blanks the number of values before the user id
 */
public record PersonKeys(int column, int blanks) {
    /** For tables whose primary key is the user id. */
    public static final PersonKeys OF_PRIMARY_KEY = new PersonKeys(-1, 0);

    /** @param userId the column of the user id, one of the mapped columns */
    public static PersonKeys of(Table table, String userId) {
        List<Column> key = table.key();
        if (key.size() == 1 && key.get(0).name().equals(userId)) {
            return OF_PRIMARY_KEY;
        }
        List<String> columns = table.columns().stream().map(Column::name).toList();
        return new PersonKeys(columns.indexOf(userId), key.size());
    }

    /** Returns the key of a person. */
    RowKey of(String userId) {
        List<String> values = new ArrayList<>(Collections.nCopies(blanks, ""));
        values.add(userId);
        return RowKey.of(values);
    }

    /** Whether a change may give a person a row, apart from what its primary key says. */
    boolean mayAppear(RowChange change) {
        Row row = change.row();
        return column >= 0 && (row.isUnread(column) || (row.has(column) && row.get(column) != null));
    }

    /** Returns the key of a changed row's person; null if the change does not carry it. */
    @Nullable
    RowKey of(RowChange change) {
        Row row = change.row();
        String userId = row.has(column) ? row.get(column) : null;
        return userId == null ? null : of(userId);
    }

    /** Whether a key is one of a person, and not a primary key. */
    boolean isPerson(RowKey key) {
        return column >= 0 && key.values().size() > blanks;
    }

    /** Returns the user id of a person's key. */
    public static String userId(RowKey person) {
        List<String> values = person.values();
        return values.get(values.size() - 1);
    }

    /** Returns the primary key that the person's row would have; null if the user id does not determine it. */
    public static @Nullable RowKey primaryKey(RowKey person) {
        return person.values().size() == 1 ? person : null;
    }
}
