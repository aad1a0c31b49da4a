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

    /** Returns an identifier for people to read: quoted only if its characters demand it. A reserved word is not quoted. */
    public static String plain(String name) {
        return name.matches("[a-z_][a-z0-9_]*") ? name : identifier(name);
    }

    /** Returns a quoted string that does not depend on {@code standard_conforming_strings}. */
    public static String literal(String text) {
        String quoted = '\'' + text.replace("'", "''") + '\'';
        return text.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
    }

    /** Returns the elements as the text of an array, for a parameter. */
    public static String array(List<String> elements) {
        return elements.stream()
                .map(element -> '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Returns the quoted names, separated by commas. */
    public static String list(List<String> columns) {
        return columns.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }
}
