package ai.flameup.sync.source;

import java.util.List;
import java.util.stream.Collectors;

/** Quoting for the statements that take no parameters. */
public final class Sql {
    private Sql() {}

    /** A quoted identifier. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A quoted string; right whatever {@code standard_conforming_strings} says. */
    public static String literal(String text) {
        String quoted = '\'' + text.replace("'", "''") + '\'';
        return text.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
    }

    /** The names quoted, with commas between them. */
    public static String list(List<String> columns) {
        return columns.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }
}
