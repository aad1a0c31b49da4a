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

/** Documents and templates avoid a list of words that users of such programs do not use. */
class ProseTest {
    /** Files and directories that are checked. */
    private static final List<String> COVERED = List.of("README.md", "src/site/markdown", "src/main/dist");

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

    private static List<Path> covered() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String covered : COVERED) {
            try (Stream<Path> below = Files.walk(Path.of(covered))) {
                below.filter(Files::isRegularFile).sorted().forEach(files::add);
            }
        }
        return files;
    }

    private static List<String> avoided(String name, String text) {
        Matcher word = WORDS.matcher(withoutCode(text));
        List<String> found = new ArrayList<>();
        while (word.find()) {
            long line = text.substring(0, word.start()).lines().count()
                    + (word.start() == 0 || text.charAt(word.start() - 1) == '\n' ? 1 : 0);
            found.add("%s:%s: %s"
                    .formatted(name, line, word.group().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT)));
        }
        return found;
    }

    /** The text with its code blanked, so that every position stays. */
    private static String withoutCode(String text) {
        return CODE.matcher(text).replaceAll(code -> code.group().replaceAll("[^\n]", "_"));
    }
}
