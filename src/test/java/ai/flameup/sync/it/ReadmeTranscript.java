package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares a console block of the README with the lines that commands printed. A line {@code ...} in the block stands for any
 * number of lines. All other lines must follow each other as printed, except that numbers, times and addresses may differ.
 */
final class ReadmeTranscript {
    private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FIGURES = Pattern.compile("[0-9][0-9.,:/A-F]*");
    private static final String OMITTED = "...";

    private ReadmeTranscript() {}

    /** @param command the beginning of the command at the start of the block */
    static void assertShows(String command, List<String> printed) throws IOException {
        List<String> lines = masked(printed);
        List<String> shown = masked(block(command));
        int next = 0;
        int from = 0;
        while (from < shown.size()) {
            int to = from;
            while (to < shown.size() && !shown.get(to).equals(OMITTED)) {
                to++;
            }
            List<String> passage = shown.subList(from, to);
            int found = Collections.indexOfSubList(lines.subList(next, lines.size()), passage);
            assertThat(found)
                    .as(
                            "README.md must show these lines as printed:%n%s%nPrinted from there on:%n%s",
                            String.join("\n", passage), String.join("\n", lines.subList(next, lines.size())))
                    .isNotNegative();
            assertThat(from == 0 ? found : 0)
                    .as("the first line of the block is the first that was printed")
                    .isZero();
            next += found + passage.size();
            from = to + 1;
        }
        boolean open = shown.get(shown.size() - 1).equals(OMITTED);
        assertThat(open ? List.of() : lines.subList(next, lines.size()))
                .as("lines that were printed after those in README.md")
                .isEmpty();
    }

    private static List<String> block(String command) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(Path.of("README.md")));
        while (block.find()) {
            if (block.group(1).startsWith("$ " + command)) {
                return block.group(1).lines().toList();
            }
        }
        throw new AssertionError("README.md has no console block that starts with: " + command);
    }

    private static List<String> masked(List<String> lines) {
        List<String> masked = new ArrayList<>();
        for (String line : lines) {
            if (!line.isBlank()) {
                masked.add(line.strip().equals(OMITTED) ? OMITTED : masked(line));
            }
        }
        return masked;
    }

    /** Returns the text without the parts that differ between runs. */
    private static String masked(String line) {
        String common = line.replaceAll("postgres://(\\w+)@\\S+", "postgres://$1@HOST/app")
                .replaceAll("http://[^\\s,]+", "URL")
                .replaceAll("/\\S*/flameup-sync\\.yaml", "flameup-sync.yaml")
                .replaceAll("\\bapp_\\d+\\b", "app");
        return FIGURES.matcher(common).replaceAll("0").stripTrailing();
    }
}
