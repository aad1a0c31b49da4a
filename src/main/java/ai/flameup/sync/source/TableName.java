package ai.flameup.sync.source;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table's name as the configuration writes it: {@code schema.table}, with quotes around a part that contains a dot, a quote
 * or a space. Unlike in SQL, case matters in names without quotes. Immutable.
 *
 * @param schema unquoted
 * @param name unquoted
 */
public record TableName(String schema, String name) {
    private static final String PART = "[^\".\\s]+|\"(?:[^\"]|\"\")+\"";
    private static final Pattern PLAIN = Pattern.compile("[^\".\\s]+");
    private static final Pattern FORM = Pattern.compile("(?:(?<schema>%s)\\.)?(?<table>%s)".formatted(PART, PART));

    /** Parses a name, whose schema is public by default; empty if it is not valid. */
    public static Optional<TableName> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String schema = Optional.ofNullable(matcher.group("schema")).orElse("public");
        return Optional.of(new TableName(unquoted(schema), unquoted(matcher.group("table"))));
    }

    /** Returns the name as SQL needs it. */
    public String quoted() {
        return Sql.identifier(schema) + "." + Sql.identifier(name);
    }

    /** Returns the name so that {@link #parse} can read it. */
    @Override
    public String toString() {
        return quoted(schema) + "." + quoted(name);
    }

    private static String unquoted(String part) {
        return part.startsWith("\"") ? part.substring(1, part.length() - 1).replace("\"\"", "\"") : part;
    }

    private static String quoted(String part) {
        return PLAIN.matcher(part).matches() ? part : Sql.identifier(part);
    }
}
