package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.FileFailure;
import ai.flameup.sync.ops.BackfillPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The rows of a backfill, selected in one of four ways. */
final class RowChoice {
    private static final String STANDARD_INPUT = "-";

    @Option(names = "--all", description = "Send every row")
    private boolean all;

    @Option(
            names = "--where",
            paramLabel = "SQL",
            description = "Send the rows that match this SQL condition; - reads it from standard input")
    private @Nullable String where;

    @Option(
            names = "--id",
            paramLabel = "ID",
            arity = "1..*",
            description = "Send the rows of these users, by the column of mapping.user-id")
    private @Nullable List<String> ids;

    @Option(
            names = "--ids-file",
            paramLabel = "FILE",
            description = "Send the rows of the users in this file, one id per line; - reads standard input")
    private @Nullable Path idsFile;

    /** @throws Fault 2 unless exactly one way is used */
    void check() {
        long ways = Stream.of(all, where != null, ids != null, idsFile != null)
                .filter(said -> said)
                .count();
        if (ways != 1) {
            throw new Fault(
                    ExitCode.USAGE,
                    "select the rows with exactly one of --all, --where SQL, --id ID... and --ids-file FILE");
        }
    }

    /**
     * @throws Fault 2 if the condition or the ids cannot be used; 3 if the server is not ready
     */
    BackfillPlan plan(Settings settings) {
        if (where != null) {
            String condition =
                    where.equals(STANDARD_INPUT) ? text(Path.of(STANDARD_INPUT)).strip() : where.strip();
            if (condition.isEmpty()) {
                throw new Fault(ExitCode.USAGE, "the condition is empty. Use --all to send every row");
            }
            return BackfillPlan.where(settings, condition);
        }
        if (ids != null) {
            return BackfillPlan.ids(settings, ids.stream().distinct().toList());
        }
        if (idsFile != null) {
            List<String> read = lines(idsFile);
            if (read.isEmpty()) {
                throw new Fault(ExitCode.USAGE, "%s contains no id".formatted(idsFile));
            }
            return BackfillPlan.ids(settings, read);
        }
        return BackfillPlan.all(settings);
    }

    private static List<String> lines(Path file) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8.newDecoder()))) {
            List<String> lines = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String id = lines.isEmpty() ? withoutByteOrderMark(line) : line;
                if (!id.isBlank()) {
                    lines.add(id);
                }
            }
            return lines;
        } catch (CharacterCodingException e) {
            throw notUtf8(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static String text(Path file) {
        try (InputStream in = open(file)) {
            return withoutByteOrderMark(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(in.readAllBytes()))
                    .toString());
        } catch (CharacterCodingException e) {
            throw notUtf8(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        return file.toString().equals(STANDARD_INPUT) ? System.in : Files.newInputStream(file);
    }

    private static String withoutByteOrderMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static Fault notUtf8(Path file) {
        String name = file.toString().equals(STANDARD_INPUT) ? "standard input" : file.toString();
        return new Fault(ExitCode.USAGE, "%s is not UTF-8. Convert it to UTF-8".formatted(name));
    }

    private static Fault unreadable(Path file, IOException failure) {
        return new Fault(ExitCode.USAGE, "%s %s".formatted(file, FileFailure.of(failure)));
    }
}
