package ai.flameup.sync.source;

import java.util.List;
import java.util.stream.Collectors;

/** Quotes parts of statements that cannot have parameters. Stateless. */
public final class Sql {
    private Sql() {}

    /** Returns a quoted identifier. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Returns a quoted string that does not depend on {@code standard_conforming_strings}. */
    public static String literal(String text) {
        String quoted = '\'' + text.replace("'", "''") + '\'';
        return text.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
    }

    /** Returns the quoted names, separated by commas. */
    public static String list(List<String> columns) {
        return columns.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }
}
