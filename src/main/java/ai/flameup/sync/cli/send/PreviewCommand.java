package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.ops.Preview;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads and prints page by page, so that memory is bounded. */
@Command(
        name = "preview",
        description = {
            "Print the requests for rows without sending them. Needs the right to SELECT, but no slot, publication or token.",
            "Each request is a person's first delivery, as the first load sends it. It has no nulls, unless mapping.on-null or"
                    + " mapping.on-delete says otherwise. Later deliveries send nulls to clear old values."
        })
public final class PreviewCommand extends Subcommand {
    private static final int DEFAULT_LIMIT = 10;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Print at most so many rows, in the order of the primary key (default: " + DEFAULT_LIMIT
                    + ", with --id all of them)")
    private @Nullable Integer limit;

    @Option(
            names = "--id",
            paramLabel = "ID",
            arity = "1..*",
            description = "Print only the rows of these users, by the column of mapping.user-id")
    private final List<String> ids = new ArrayList<>();

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException {
        if (limit != null && limit < 1) {
            throw new Fault(ExitCode.USAGE, "--limit is %s, but must be 1 or more".formatted(limit));
        }
        PreviewSettings settings = options().previewSettings();
        List<String> missing = json ? json(settings) : plain(settings, StandardOutput.utf8());
        if (!missing.isEmpty()) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    missing.stream().map(id -> "no row has the user id " + id).toList(),
                    null);
        }
        return ExitCode.DONE;
    }

    private List<String> json(PreviewSettings settings) throws IOException {
        PrintWriter out = out();
        return print(settings, new RequestJson(out, settings.paths().upsert()), out);
    }

    private List<String> plain(PreviewSettings settings, PrintWriter out) throws IOException {
        return print(settings, new RequestText(out, settings.paths().upsert()), out);
    }

    /** Returns the ids without a row. */
    private List<String> print(PreviewSettings settings, RequestPrinter printer, PrintWriter out) throws IOException {
        List<String> missing = List.of();
        try (Preview preview = new Preview(settings, page -> print(page, printer, out))) {
            if (ids.isEmpty()) {
                preview.first(limit == null ? DEFAULT_LIMIT : limit);
            } else {
                missing = preview.of(ids, limit == null ? Integer.MAX_VALUE : limit);
            }
        }
        if (missing.isEmpty() || json) {
            printer.end();
        }
        StandardOutput.requireWritten(out);
        return missing;
    }

    private static void print(List<MappedRow> page, RequestPrinter printer, PrintWriter out) {
        try {
            printer.print(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StandardOutput.requireWritten(out);
    }
}
