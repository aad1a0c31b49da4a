package ai.flameup.sync.cli;

import ai.flameup.sync.app.BackfillPlan;
import ai.flameup.sync.app.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which rows a backfill is about: one of several ways to say it. */
final class RowChoice {
    private static final String STANDARD_INPUT = "-";

    @Option(names = "--all", description = "every row")
    private boolean all;

    @Option(
            names = "--where",
            paramLabel = "SQL",
            description = "the rows that a condition holds for, as behind WHERE; - reads it from standard input")
    private @Nullable String where;

    @Option(
            names = "--id",
            paramLabel = "ID",
            arity = "1..*",
            description = "the rows of these users, by mapping.user-id")
    private @Nullable List<String> ids;

    @Option(
            names = "--ids-file",
            paramLabel = "FILE",
            description = "the rows of the users in the file, an id a line; - reads standard input")
    private @Nullable Path idsFile;

    /** @throws Fault 2 unless one way is said */
    void check() {
        long ways = Stream.of(all, where != null, ids != null, idsFile != null)
                .filter(said -> said)
                .count();
        if (ways != 1) {
            throw new Fault(
                    ExitCode.USAGE, "say which rows: one of --all, --where SQL, --id ID... and --ids-file FILE");
        }
    }

    /**
     * @throws Fault 2 for what is no condition or no id; 3 where the server is not ready
     */
    BackfillPlan plan(Settings settings) {
        if (where != null) {
            String condition =
                    where.equals(STANDARD_INPUT) ? text(Path.of(STANDARD_INPUT)).strip() : where.strip();
            if (condition.isEmpty()) {
                throw new Fault(ExitCode.USAGE, "the condition is empty; --all is for every row");
            }
            return BackfillPlan.where(settings, condition);
        }
        if (ids != null) {
            return BackfillPlan.ids(settings, ids.stream().distinct().toList());
        }
        if (idsFile != null) {
            return BackfillPlan.ids(
                    settings,
                    text(idsFile)
                            .lines()
                            .map(line -> line.endsWith("\r") ? line.substring(0, line.length() - 1) : line)
                            .filter(line -> !line.isBlank())
                            .distinct()
                            .toList());
        }
        return BackfillPlan.all(settings);
    }

    private static String text(Path file) {
        try (InputStream in = file.toString().equals(STANDARD_INPUT) ? System.in : Files.newInputStream(file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (IOException e) {
            throw new Fault(ExitCode.USAGE, "%s cannot be read".formatted(file));
        }
    }
}
