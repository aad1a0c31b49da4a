package ai.flameup.sync.init;

import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.TableDescription.Constraint;
import ai.flameup.sync.source.catalog.TableDescription.Facts;
import java.util.Optional;
import java.util.regex.Pattern;

/** Recognizes columns that mark rows which are not users: soft deletes and test accounts. Pure. */
final class Membership {
    private static final Pattern TIMES = Pattern.compile("(deleted|archived|removed|discarded)(at|on|time|date)");
    private static final Pattern FLAGS = Pattern.compile(
            "(is)?(soft)?(deleted|archived|removed|discarded)|(is)?test(er)?|(is)?test(user|account)|istestdata");

    private Membership() {}

    /** The condition that a row of a user meets; empty if the column does not mark rows. */
    static Optional<String> condition(Facts column) {
        String name = ColumnName.plain(column.name());
        if (TIMES.matcher(name).matches() && isTime(column.column().type())) {
            return column.constraint() == Constraint.NONE
                    ? Optional.of(Sql.plain(column.name()) + " IS NULL")
                    : Optional.empty();
        }
        if (FLAGS.matcher(name).matches() && column.column().type().equals("boolean")) {
            return Optional.of(
                    column.constraint() == Constraint.NONE
                            ? Sql.plain(column.name()) + " IS NOT TRUE"
                            : "NOT " + Sql.plain(column.name()));
        }
        return Optional.empty();
    }

    private static boolean isTime(String type) {
        return type.equals("date") || type.matches("timestamp(\\(\\d\\))? with(out)? time zone");
    }
}
