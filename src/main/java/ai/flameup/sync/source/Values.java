package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The canonical text of a value, the same from the stream and from a read. Pure. */
final class Values {
    private static final Pattern TIMESTAMPTZ = Pattern.compile(
            "(\\d{4,}-\\d\\d-\\d\\d)[ T](\\d\\d:\\d\\d)(?::(\\d\\d)(?:\\.(\\d+))?)?(?:Z|[+]00(?::?00)?)( BC)?");
    private static final Pattern SUPPORTED = Pattern.compile(
            "(smallint|integer|bigint|numeric(\\(.*\\))?|boolean|text"
                    + "|character varying(\\(.*\\))?|character(\\(.*\\))?|citext|(.*\\.)?citext|uuid|timestamp(\\(\\d\\))? with time zone)");

    /** Debezium's own words for numbers that are none. */
    private static final Map<String, String> SPECIAL =
            Map.of("NAN", "NaN", "POSITIVE_INFINITY", "Infinity", "NEGATIVE_INFINITY", "-Infinity");

    private Values() {}

    /** Whether columns of the type are carried alike by the stream and by reads. */
    static boolean isSupported(String type) {
        return SUPPORTED.matcher(type).matches();
    }

    /** From what Postgres prints. */
    static @Nullable String ofText(Column column, @Nullable String text) {
        return text == null ? null : canonical(column, text);
    }

    /** From what Debezium decodes; its settings in {@link EngineSettings} keep every value whole. */
    static @Nullable String ofStream(Column column, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        String text = value.toString();
        return canonical(column, column.kind() == JsonKind.NUMBER ? SPECIAL.getOrDefault(text, text) : text);
    }

    private static String canonical(Column column, String text) {
        if (column.type().endsWith("with time zone")) {
            return timestamptz(text);
        }
        if (column.type().startsWith("character") && !column.type().startsWith("character varying")) {
            return text.stripTrailing();
        }
        return text;
    }

    private static String timestamptz(String text) {
        Matcher matcher = TIMESTAMPTZ.matcher(text);
        if (!matcher.matches()) {
            return text;
        }
        String seconds = matcher.group(3) == null ? "00" : matcher.group(3);
        String fraction = matcher.group(4) == null ? "" : matcher.group(4).replaceAll("0+$", "");
        return matcher.group(1)
                + 'T'
                + matcher.group(2)
                + ':'
                + seconds
                + (fraction.isEmpty() ? "" : '.' + fraction)
                + 'Z'
                + (matcher.group(5) == null ? "" : matcher.group(5));
    }
}
