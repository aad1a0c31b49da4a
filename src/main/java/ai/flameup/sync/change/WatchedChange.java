package ai.flameup.sync.change;

import org.jspecify.annotations.Nullable;

/**
 * A change of a row of a watched table. Immutable.
 *
 * @param watch which table is watched, and how its rows are matched with those of our table
 * @param values the values of the changed row that are compared, in the order of the match, as Postgres prints them; null if they
 *     are not known, so that every row of our table may be concerned
 */
public record WatchedChange(String watch, @Nullable RowKey values) {
    /** A change that may concern every row. */
    public static WatchedChange ofAny(String watch) {
        return new WatchedChange(watch, null);
    }
}
