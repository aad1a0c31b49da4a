package ai.flameup.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Documents, templates, comments and messages avoid a list of words that users of such programs do not use. In Java
 * sources only comments and string literals are checked. Words in code font are ignored in Markdown and Javadoc.
 */
class ProseTest {
    /** Files and directories that are checked. */
    private static final List<String> COVERED = List.of(
            "README.md",
            "CHANGELOG.md",
            ".github",
            "docker",
            "sql",
            "src/site/markdown",
            "src/main/deb",
            "src/main/dist",
            "src/main/resources",
            "src/main/java",
            "src/test/java");

    /** This list of avoided words, and the text of the licence, which is not ours. */
    private static final List<Path> EXCLUDED =
            List.of(Path.of("src/test/java/ai/flameup/sync/ProseTest.java"), Path.of("src/main/dist/LICENSE"));

    /** Regular expressions, each for whole words. A space also matches a line break. */
    private static final List<String> AVOIDED = List.of(
            "whoever",
            "whomever",
            "whosever",
            "somebody",
            "nobody",
            "anew",
            "begins? again",
            "bears?",
            "bore",
            "borne",
            "beside which",
            "hither",
            "thither",
            "whence",
            "thence",
            "thereof",
            "lest",
            "in vain",
            "for want of",
            "ought",
            "for ever",
            "(is|are|was|were|be|been|being) told",
            "as told",
            "tells? of",
            "told of",
            "(goes|go|going|went|gone) on",
            "needs? you",
            "need of you",
            "(is|are|was|were) at it",
            "mend(s|ed|ing)?",
            "puts? (it |them )?right",
            "looks? again",
            "leaves? word",
            "what helps");

    private static final Pattern WORDS =
            Pattern.compile("\\b(" + String.join("|", AVOIDED).replace(" ", "\\s+") + ")\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```|`[^`]*`");
    private static final Pattern JAVADOC_CODE = Pattern.compile("\\{@(code|link|linkplain|snippet)\\b[^}]*}");

    /** Comments, text blocks, string literals and character literals, in the order in which they must be tried. */
    private static final Pattern JAVA_PROSE = Pattern.compile(
            "(?s)/\\*.*?\\*/|//[^\n]*|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*+\"|'(?:\\\\.|[^'\\\\])+'");

    /** What a continued comment starts each line with. */
    private static final Pattern LINE_PREFIX = Pattern.compile("(?m)^[ \t]*(//|\\*|--|#)");

    @Test
    void documents_useNoAvoidedWord() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : covered()) {
            found.addAll(avoided(file.toString(), Files.readString(file)));
        }
        assertThat(found).as("words to replace, see AVOIDED").isEmpty();
    }

    @Test
    void avoidedWord_isReportedWithFileLineAndWord() {
        assertThat(avoided("a.md", "The job\nis\ntold, and Nobody looks.\n"))
                .containsExactly("a.md:2: is told", "a.md:3: nobody");
    }

    @Test
    void avoidedWord_inCodeOrWithinAnotherWord_isIgnored() {
        assertThat(avoided("a.md", "Run `nobody`, boredom:\n```sh\nsomebody\n```\n`needs\nyou`\n"))
                .isEmpty();
    }

    @Test
    void avoidedWord_inJava_isReportedInCommentsAndStringsOnly() {
        assertThat(avoided("A.java", "/** Is\n * told. */\nint nobody = f('\"', \"mend\"); // {@code anew} lest\n"))
                .containsExactly("A.java:1: is told", "A.java:3: mend", "A.java:3: lest");
    }

    private static List<Path> covered() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String covered : COVERED) {
            try (Stream<Path> below = Files.walk(Path.of(covered))) {
                below.filter(Files::isRegularFile)
                        .filter(file -> !EXCLUDED.contains(file))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files;
    }

    private static List<String> avoided(String name, String text) {
        Matcher word = WORDS.matcher(prose(name, text));
        List<String> found = new ArrayList<>();
        while (word.find()) {
            long line = 1
                    + text.substring(0, word.start())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            found.add("%s:%s: %s"
                    .formatted(name, line, word.group().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT)));
        }
        return found;
    }

    /** The text with everything except its prose blanked. Every position stays. */
    private static String prose(String name, String text) {
        String prose = text;
        if (name.endsWith(".java")) {
            prose = blanked(JAVADOC_CODE, '.', onlyMatches(JAVA_PROSE, text));
        } else if (name.endsWith(".md")) {
            prose = blanked(CODE, '.', text);
        }
        return blanked(LINE_PREFIX, ' ', prose);
    }

    private static String onlyMatches(Pattern pattern, String text) {
        StringBuilder kept = new StringBuilder(text);
        Matcher match = pattern.matcher(text);
        int position = 0;
        while (match.find()) {
            blank(kept, position, match.start(), '.');
            position = match.end();
        }
        blank(kept, position, text.length(), '.');
        return kept.toString();
    }

    private static String blanked(Pattern pattern, char with, String text) {
        StringBuilder kept = new StringBuilder(text);
        Matcher match = pattern.matcher(text);
        while (match.find()) {
            blank(kept, match.start(), match.end(), with);
        }
        return kept.toString();
    }

    private static void blank(StringBuilder text, int start, int end, char with) {
        for (int i = start; i < end; i++) {
            if (!Character.isWhitespace(text.charAt(i))) {
                text.setCharAt(i, with);
            }
        }
    }
}
