package ai.flameup.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.cli.input.SignalSource;
import ai.flameup.sync.fault.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpTest {
    private static final Pattern CODE = Pattern.compile("(?m)^ {2,4}(\\d+)  +\\S");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| (\\d+) \\| ");
    private static final Pattern DOCUMENT = Pattern.compile("\\S+\\.md");

    private static CommandLine root() {
        SignalSource none = (stop, reload) -> {};
        return new CommandLine(new RootCommand(Map.of(), none));
    }

    private static List<String> all(Pattern pattern, String text, int group) {
        return pattern.matcher(text).results().map(match -> match.group(group)).toList();
    }

    @Test
    void helpOfEveryCommand_listsDocumentedExitCodes() throws Exception {
        List<String> documented = all(DOCUMENTED, Files.readString(Path.of("src/site/markdown/guarantees.md")), 1);
        assertThat(documented)
                .containsAll(Arrays.stream(ExitCode.values())
                        .map(code -> String.valueOf(code.code()))
                        .toList());

        Stream.concat(Stream.of(root()), root().getSubcommands().values().stream())
                .forEach(command -> assertThat(all(CODE, command.getUsageMessage(), 1))
                        .as(command.getCommandName())
                        .isEqualTo(documented));
    }

    @Test
    void help_namesDocumentsOfTheArchive() {
        List<String> documents = all(DOCUMENT, root().getUsageMessage(), 0);

        assertThat(documents).hasSize(2).allSatisfy(document -> assertThat(Path.of(document))
                .exists());
    }
}
