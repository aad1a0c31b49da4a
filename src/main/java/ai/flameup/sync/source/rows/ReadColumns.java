package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.source.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * The columns of queries that read rows: those of the table, and the mapping's expressions. Expressions are computed in the
 * innermost part of a query; the outer parts use their names. Immutable.
 */
final class ReadColumns {
    private final List<Column> columns;
    /** As the outer parts of a query have them. */
    private final List<String> names = new ArrayList<>();

    ReadColumns(List<Column> columns) {
        this.columns = columns;
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            names.add(column.isExpression() ? unused("flameup_sql_" + i) : Sql.identifier(column.name()));
        }
    }

    /**
     * Which expressions a query computes. The others are null.
     *
     * @param failure why no expression is computed; null if some are
     */
    record Computed(Set<Column> expressions, @Nullable String failure) {
        static final Computed NOTHING = new Computed(Set.of(), null);
    }

    List<Column> expressions() {
        return columns.stream().filter(Column::isExpression).toList();
    }

    boolean hasExpressions() {
        return columns.stream().anyMatch(Column::isExpression);
    }

    /** Returns the columns for the outer parts of a query. */
    String names() {
        return String.join(", ", names);
    }

    /** Returns the columns for the innermost part of a query. The table must have its own name there, because expressions use it. */
    String select(Computed computed) {
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            String sql = column.sql();
            if (sql == null) {
                selected.add(names.get(i));
            } else {
                selected.add((computed.expressions.contains(column) ? ifPerson(column, sql) : "NULL::" + column.type())
                        + " AS " + names.get(i));
            }
        }
        return String.join(", ", selected);
    }

    /** Returns an SQL expression for the size of a row as text, in bytes, for an outer part of a query. */
    String bytes() {
        return RowSize.sql(columns, names);
    }

    /** Returns the name, or a variant of it, that no column has. */
    String unused(String name) {
        return columns.stream().anyMatch(column -> column.name().equals(name)) ? unused(name + '_') : name;
    }

    /** An expression may have no value for a row that does not meet the condition, and needs none. */
    private String ifPerson(Column column, String sql) {
        String condition = columns.stream()
                .filter(one -> one.isExpression() && one.name().equals(Column.CONDITION))
                .map(Column::sql)
                .findFirst()
                .orElse(null);
        return condition == null || column.name().equals(Column.CONDITION)
                ? parenthesized(sql)
                : "CASE WHEN " + parenthesized(condition) + " THEN " + parenthesized(sql) + " END";
    }

    /** On lines of its own, because it may end with a comment. */
    private static String parenthesized(String sql) {
        return "(\n" + withoutParameters(sql) + "\n)";
    }

    /** The driver takes a question mark outside of quotes for a parameter, unless it is doubled. Some operators have one. */
    private static String withoutParameters(String sql) {
        try {
            List<NativeQuery> parsed = Parser.parseJdbcSql(sql, true, true, false, false, false);
            NativeQuery query = parsed.get(0);
            StringBuilder text = new StringBuilder(query.nativeSql);
            for (int i = query.bindPositions.length - 1; i >= 0; i--) {
                int at = query.bindPositions[i];
                text.replace(at, at + NativeQuery.bindName(i + 1).length(), "??");
            }
            return text.toString();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
