package ai.flameup.sync.cli.send;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.cli.input.GlobalOptions;
import ai.flameup.sync.cli.input.SignalSource;
import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.delivery.PeoplePaths;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.ops.DryRun;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Prints the requests of a dry run as they come, and counts them. For one run. */
final class DryRunPrinter {
    private static final long BATCH = 100;

    private final Settings settings;
    private final String path;
    private final PrintWriter out;
    private final boolean quiet;
    private final SignalSource signals;
    private final @Nullable JsonList list;
    private long persons;

    private DryRunPrinter(Settings settings, PrintWriter out, GlobalOptions options, @Nullable JsonList list) {
        this.settings = settings;
        this.path = PeoplePaths.of(
                        settings.flameup().baseUrl(), settings.flameup().workspace())
                .upsert();
        this.out = out;
        this.quiet = options.quiet();
        this.signals = options.signals();
        this.list = list;
    }

    static DryRunPrinter of(Settings settings, boolean json, GlobalOptions options) throws IOException {
        PrintWriter out = StandardOutput.utf8();
        return new DryRunPrinter(settings, out, options, json ? new JsonList(out, "requests") : null);
    }

    ExitCode run(Duration stallTimeout, Duration deadline) throws IOException {
        DryRun dryRun = new DryRun(settings, stallTimeout, deadline, this::print);
        signals.handle(dryRun::stop, () -> {});
        ExitCode code = dryRun.run();
        long batches = (persons + BATCH - 1) / BATCH;
        if (list != null) {
            JsonGenerator json = list.endElements();
            json.writeNumberField("requests_singly", persons);
            json.writeNumberField("requests_in_batches", batches);
            json.writeNumberField("parked", dryRun.parked());
            list.end();
        } else if (!quiet) {
            out.println("Would send %s persons: %s requests one by one, %s in batches; %s would be parked"
                    .formatted(persons, persons, batches, dryRun.parked()));
        }
        StandardOutput.requireWritten(out);
        return code;
    }

    /** Called by one thread at a time. Errors of the stream are checked at the end. */
    private void print(PersonUpsert person) {
        persons++;
        if (list == null) {
            RequestText.request(out, path, person.json());
            return;
        }
        try {
            JsonGenerator json = list.elements();
            json.writeStartObject();
            RequestJson.request(json, person, path);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
