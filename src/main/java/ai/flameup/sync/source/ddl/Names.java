package ai.flameup.sync.source.ddl;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quoted names in a comment. Stateless. */
final class Names {
    private static final String PLAIN = "\"(?:[^\"]++|\"\")+\"";

    /** A quoted name, as a group. */
    static final String ONE = "(" + PLAIN + ")";

    /** Quoted names that are separated by commas. */
    static final String LIST = PLAIN + "(?:, " + PLAIN + ")*+";

    private static final Pattern NAME = Pattern.compile(PLAIN);

    private Names() {}

    /** Returns all names in a text, without their quotes. */
    static List<String> parse(String text) {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(text);
        while (name.find()) {
            names.add(name.group().substring(1, name.group().length() - 1).replace("\"\"", "\""));
        }
        return names;
    }
}
