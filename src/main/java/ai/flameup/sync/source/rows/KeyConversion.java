package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Converts keys of a former primary key into present ones. Reads only. For one thread. */
public final class KeyConversion {
    private final Database database;
    private final List<Column> former;
    private final List<Column> present;
    private final TypeCatalog types;

    /**
     * @param former columns of the former key, which must still exist; several rows may share their values by now
     */
    public KeyConversion(Database database, List<Column> former, List<Column> present) {
        this.database = database;
        this.former = former;
        this.present = present;
        this.types = new TypeCatalog(database);
    }

    /**
     * Returns the present keys of the rows that have one of the former keys.
     *
     * @param keys former keys; a key with another number of columns is ignored
     * @return the present keys of each former key that has a row
     * @throws ai.flameup.sync.fault.Fault 3 if the query fails; {@link ai.flameup.sync.source.PostgresFailures#isTransient}
     *     tells whether to try again
     */
    public Map<RowKey, List<RowKey>> convert(List<RowKey> keys) {
        List<RowKey> whole = keys.stream()
                .filter(key -> key.values().size() == former.size())
                .toList();
        Map<RowKey, List<RowKey>> converted = new HashMap<>();
        try (Connection connection = database.connection();
                PreparedStatement statement = connection.prepareStatement(sql())) {
            connection.setReadOnly(true);
            Database.limitLockWait(connection);
            for (int i = 0; i < former.size(); i++) {
                int column = i;
                statement.setArray(
                        i + 1,
                        connection.createArrayOf(
                                "text",
                                whole.stream()
                                        .map(key -> key.values().get(column))
                                        .toArray()));
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    List<String> values = new ArrayList<>(present.size());
                    for (int i = 0; i < present.size(); i++) {
                        values.add(types.of(present.get(i).typeOid()).ofText(row.getString(i + 2)));
                    }
                    converted
                            .computeIfAbsent(whole.get(row.getInt(1) - 1), key -> new ArrayList<>())
                            .add(RowKey.of(values));
                }
            }
            connection.rollback();
            return converted;
        } catch (SQLException e) {
            throw database.fault("finding the rows of keys", e);
        }
    }

    private String sql() {
        String names = each(former, i -> "flameup_key_" + i, ", ");
        String typed = each(former, i -> types.typed(former.get(i), "flameup_key_" + i) + " AS flameup_key_" + i, ", ");
        String equal = each(
                former,
                i -> "flameup_table.%s = flameup_keys.flameup_key_%s"
                        .formatted(Sql.identifier(former.get(i).name()), i),
                " AND ");
        return ("SELECT flameup_place, %s FROM (SELECT %s, flameup_place FROM unnest(%s) WITH ORDINALITY"
                        + " AS flameup_texts (%s, flameup_place)) flameup_keys JOIN %s flameup_table ON %s")
                .formatted(
                        each(
                                present,
                                i -> "flameup_table."
                                        + Sql.identifier(present.get(i).name()),
                                ", "),
                        typed,
                        each(former, i -> "?::text[]", ", "),
                        names,
                        database.settings().quotedTable(),
                        equal);
    }

    private static String each(List<Column> columns, IntFunction<String> text, String separator) {
        return IntStream.range(0, columns.size()).mapToObj(text).collect(Collectors.joining(separator));
    }
}
