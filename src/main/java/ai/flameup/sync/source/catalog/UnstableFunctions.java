package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds calls in an expression whose values can differ although the row is the same. Functions are found by their names, so all
 * functions of one name count as volatile if one of them is. Functions that operators and other functions call are not found.
 * Stateless.
 */
final class UnstableFunctions {
    private static final String NAME = "(\"(?:[^\"]|\"\")+\"|[\\p{L}_][\\p{L}\\p{N}_$]*)";
    private static final Pattern CALL = Pattern.compile("(?:" + NAME + "\\s*\\.\\s*)?" + NAME + "\\s*\\(");
    private static final Pattern TIME =
            Pattern.compile("\\b((?:now|transaction_timestamp|statement_timestamp)(?=\\s*\\()"
                    + "|age(?=\\s*\\([^,()]*\\))|current_(?:date|timestamp|time)|localtimestamp|localtime)\\b");

    private UnstableFunctions() {}

    /**
     * What the calls mean, each with what to do after a semicolon.
     *
     * @param connection its search path is that of the expression
     * @param key the configuration key of the expression
     */
    static List<String> warnings(Connection connection, String key, String sql) throws SQLException {
        String code = ExpressionText.code(sql);
        List<String> warnings = new ArrayList<>();
        String random = String.join(", ", volatileCalls(connection, code));
        if (!random.isEmpty()) {
            warnings.add(("%s may have another value each time the row is read, so every read is sent: %s is VOLATILE"
                            + "; use other functions, or declare it STABLE if it returns the same value for the same row")
                    .formatted(key, random));
        }
        Set<String> times = new TreeSet<>();
        TIME.matcher(code.toLowerCase(Locale.ROOT)).results().forEach(call -> times.add(call.group(1)));
        if (!times.isEmpty()) {
            warnings.add(("%s depends on the time (%s), but is computed only when the row is read"
                            + "; run flameup-sync backfill start --all --changed-only regularly")
                    .formatted(key, String.join(", ", times)));
        }
        return warnings;
    }

    private static Set<String> volatileCalls(Connection connection, String code) throws SQLException {
        Set<String> found = new TreeSet<>();
        for (MatchResult call : CALL.matcher(code).results().toList()) {
            String schema = name(call.group(1));
            String function = name(call.group(2));
            if (Queries.isTrue(
                    connection,
                    "SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                            + " WHERE p.provolatile = 'v' AND p.proname = ?"
                            + " AND CASE WHEN ? = '' THEN pg_function_is_visible(p.oid) ELSE n.nspname = ? END)",
                    function,
                    schema,
                    schema)) {
                found.add(schema.isEmpty() ? function : schema + "." + function);
            }
        }
        return found;
    }

    private static String name(@Nullable String written) {
        if (written == null) {
            return "";
        }
        return written.startsWith("\"")
                ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
                : written.toLowerCase(Locale.ROOT);
    }
}
