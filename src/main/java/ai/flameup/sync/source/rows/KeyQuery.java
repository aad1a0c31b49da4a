package ai.flameup.sync.source.rows;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.type.TypeCatalog;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The query that reads rows by their keys. Its parameters are an array of texts for each column of the key, and the maximum number
 * of bytes. Immutable.
 *
 * @param columns those of the table's rows
 */
record KeyQuery(PostgresSettings settings, Table table, ReadColumns columns, TypeCatalog types) {
    /** The running total limits the bytes within one statement; the first row is always returned. */
    String sql(ReadColumns.Computed computed) {
        // Columns are unqualified, because the message for a missing column repeats the name as it is written here.
        String place = columns.unused("flameup_place");
        String size = columns.unused("flameup_size");
        String before = columns.unused("flameup_before");
        String found = columns.unused("flameup_found");
        int count = table.key().size();
        List<String> keys = IntStream.range(0, count)
                .mapToObj(i -> columns.unused("flameup_key_" + i))
                .toList();
        // Without an alias, because expressions may name the table with its schema.
        String name = columns.hasExpressions() ? settings.quotedTable() : "flameup_table";
        String from = settings.quotedTable() + (columns.hasExpressions() ? "" : " AS flameup_table");
        String typed = numbered(count, i -> types.typed(table.key().get(i), keys.get(i)) + " AS " + keys.get(i), ", ");
        String arrays = numbered(count, i -> "?::text[]", ", ");
        String equal = numbered(
                count,
                i -> "%s.%s = flameup_keys.%s"
                        .formatted(name, Sql.identifier(table.key().get(i).name()), keys.get(i)),
                " AND ");
        String joined =
                "(SELECT %s, %s FROM unnest(%s) WITH ORDINALITY AS flameup_texts (%s, %s)) flameup_keys JOIN %s ON %s"
                        .formatted(typed, place, arrays, String.join(", ", keys), place, from, equal);
        // OFFSET keeps the planner from computing an expression again in each outer part.
        String source = columns.hasExpressions()
                ? "(SELECT %s, %s FROM %s OFFSET 0) flameup_rows".formatted(columns.select(computed), place, joined)
                : joined;
        return ("SELECT %s, %s, %s, %s + %s FROM (SELECT *, sum(%s) OVER (ORDER BY %s ROWS UNBOUNDED PRECEDING) - %s AS %s,"
                        + " count(*) OVER () AS %s FROM (SELECT %s, (%s)::bigint AS %s, %s FROM %s) flameup_found)"
                        + " flameup_sized WHERE %s < ? ORDER BY %s")
                .formatted(
                        columns.names(),
                        place,
                        found,
                        before,
                        size,
                        size,
                        place,
                        size,
                        before,
                        found,
                        columns.names(),
                        columns.bytes(),
                        size,
                        place,
                        source,
                        before,
                        place);
    }

    private static String numbered(int count, IntFunction<String> text, String separator) {
        return IntStream.range(0, count).mapToObj(text).collect(Collectors.joining(separator));
    }
}
