package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.type.TypeCatalog;
import ai.flameup.sync.source.type.ValueType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an ALTER TABLE may change: the types of the columns that are read, the key, and the table's files. An ALTER that
 * rewrites the table makes it look empty to an older snapshot (PostgreSQL documentation, section 13.6). So rows that were
 * read are only valid if the shape was the same before and after. Immutable.
 *
 * @param types the types of the columns that are read, in their order
 * @param oids the oids of those types
 * @param key the names of the primary key's columns, in its order
 * @param files the file nodes of the table and its partitions; a rewrite creates new ones
 */
record TableShape(List<ValueType> types, List<Integer> oids, List<String> key, String files) {

    /**
     * Queries the catalog.
     *
     * @param connection a transaction without a snapshot of its own, so that it sees every commit by now
     */
    static TableShape read(Connection connection, String quotedTable, List<Column> read, TypeCatalog known)
            throws SQLException {
        Map<String, Integer> found = new HashMap<>();
        List<String> key = new ArrayList<>();
        String[] files = {""};
        Queries.query(
                connection,
                "SELECT a.attname, a.atttypid, files, ARRAY(SELECT k.attname::text FROM pg_index i"
                        + " CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY p(attnum, place)"
                        + " JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = p.attnum"
                        + " WHERE i.indrelid = t.oid AND i.indisprimary AND p.place <= i.indnkeyatts ORDER BY p.place) FROM (SELECT t.oid, (SELECT string_agg("
                        + "coalesce(pg_relation_filenode(f.oid), 0)::text, ',' ORDER BY f.oid) FROM (SELECT t.oid"
                        + " UNION SELECT relid FROM pg_partition_tree(t.oid)) f(oid)) AS files"
                        + " FROM (SELECT ?::regclass::oid) t(oid)) t JOIN pg_attribute a ON a.attrelid = t.oid"
                        + " WHERE a.attnum > 0 AND NOT a.attisdropped",
                row -> {
                    found.put(row.getString(1), row.getInt(2));
                    files[0] = row.getString(3);
                    key.clear();
                    key.addAll(List.of((String[]) row.getArray(4).getArray()));
                },
                quotedTable);
        List<Integer> oids = read.stream()
                .map(column ->
                        column.isExpression() ? column.typeOid() : found.getOrDefault(column.name(), column.typeOid()))
                .toList();
        return new TableShape(oids.stream().map(known::of).toList(), oids, List.copyOf(key), files[0]);
    }

    JsonKind[] kinds() {
        return types.stream().map(ValueType::kind).toArray(JsonKind[]::new);
    }
}
