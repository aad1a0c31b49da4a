package ai.flameup.sync.source.catalog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Removes strings, comments and quoted names from the text of an expression. Stateless. */
final class ExpressionText {
    /** What is wrong with an expression that {@link #hasParameter}. */
    static final String PARAMETER = "must not contain a parameter such as $1";

    private static final String IDENTIFIER = "[\\p{L}_\\x{80}-\\x{10FFFF}][\\p{L}\\p{N}_$\\x{80}-\\x{10FFFF}]*";
    /** Strings that begin with a letter or a tag come first, and names last, because a name can contain a dollar sign. */
    private static final Pattern TOKEN = Pattern.compile(
            "(?s)\"(?:[^\"]|\"\")*\"" // a quoted name
                    + "|(?:\\b[eE]'(?:[^'\\\\]|''|\\\\.)*'|'(?:[^']|'')*')"
                    + "|\\$((?:[\\p{L}_][\\p{L}\\p{N}_]*)?)\\$.*?\\$\\1\\$"
                    + "|--[^\n]*|/\\*.*?\\*/"
                    + "|(" + IDENTIFIER + ")");

    private static final int NAME = 2;
    private static final Pattern PARAMETER_MARK = Pattern.compile("\\$\\d");

    private ExpressionText() {}

    /** Returns the expression with a space in place of each string and comment. */
    static String code(String sql) {
        return TOKEN.matcher(sql)
                .replaceAll(part -> part.group().startsWith("\"") || part.group(NAME) != null
                        ? Matcher.quoteReplacement(part.group())
                        : " ");
    }

    /** Whether it has a parameter, of which the sidecar has no value. */
    static boolean hasParameter(String sql) {
        return PARAMETER_MARK.matcher(TOKEN.matcher(sql).replaceAll(" ")).find();
    }
}
