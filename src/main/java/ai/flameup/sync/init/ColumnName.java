package ai.flameup.sync.init;

import java.util.Locale;
import java.util.regex.Pattern;

/** Reads the name of a column in any of the usual spellings. Stateless. */
final class ColumnName {
    private static final Pattern WORD_ENDS = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

    private ColumnName() {}

    /** The words in lower case, with an underscore before and after each: {@code _deleted_at_}. */
    static String words(String column) {
        return "_"
                + WORD_ENDS
                        .matcher(column)
                        .replaceAll("_")
                        .replaceAll("[^\\p{L}\\p{N}]+", "_")
                        .toLowerCase(Locale.ROOT)
                + "_";
    }

    /** The words in lower case, without separators: {@code deletedat}. */
    static String plain(String column) {
        return words(column).replace("_", "");
    }
}
