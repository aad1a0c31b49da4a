package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.DurationConverter;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.status.LastStatus;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Needs only the state directory. With a complete configuration it also reports what the server says. */
@Command(name = "status", description = "Show the state of the job, or how it ended")
public final class StatusCommand extends Subcommand {
    private static final Logger LOG = LoggerFactory.getLogger(StatusCommand.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Option(
            names = "--check",
            description = "Print one line, and exit with 0 if the job is healthy, else with 6; for cron or Nagios")
    private boolean check;

    @Option(
            names = "--max-age",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "With --check, for runs from cron: accept a last success up to this age (default: 24h)")
    private @Nullable Duration maxAge;

    @Option(
            names = "--shared-emails",
            description =
                    "List the user ids of persons who share an email address at Flameup; with --json as one document")
    private boolean sharedEmails;

    @Override
    protected ExitCode execute() throws IOException {
        if (check && (json || sharedEmails)) {
            throw new Fault(
                    ExitCode.USAGE,
                    "--check and %s exclude each other. Pass one of them"
                            .formatted(json ? "--json" : "--shared-emails"));
        }
        if (maxAge != null && !check) {
            throw new Fault(ExitCode.USAGE, "--max-age needs --check");
        }
        PrintWriter out = out();
        if (sharedEmails) {
            printSharedEmails(out);
            return ExitCode.DONE;
        }
        LastStatus status = LastStatus.of(options().stateDirectory(), check ? null : postgres());
        complete(status.document());
        ExitCode code = ExitCode.DONE;
        if (check) {
            StatusCheck result = StatusCheck.of(status, maxAge == null ? Duration.ofHours(24) : maxAge, Instant.now());
            out.println(PlainText.of(result.line()));
            code = result.ok() ? ExitCode.DONE : ExitCode.ATTENTION;
        } else if (json) {
            print(status.document(), out);
        } else {
            StatusText.lines(status.document()).forEach(out::println);
        }
        StandardOutput.requireWritten(out);
        return code;
    }

    private void printSharedEmails(PrintWriter out) throws IOException {
        try (StateStore store = StateStore.openShared(options().stateDirectory())) {
            SharedEmails shared = new SharedEmails(out);
            if (json) {
                shared.printJson(store);
            } else {
                out.println(options().complete(shared.print(store)));
            }
        }
        StandardOutput.requireWritten(out);
    }

    /** Commands that a run wrote are complete already. */
    private void complete(JsonNode document) {
        for (JsonNode notice : document.path("notices")) {
            complete(notice);
        }
        if (document instanceof ObjectNode status) {
            List.of("reason", "remedy")
                    .forEach(key -> Optional.ofNullable(status.path(key).textValue())
                            .ifPresent(text -> status.put(key, options().complete(text))));
        }
    }

    private static void print(JsonNode document, PrintWriter out) throws IOException {
        try (JsonGenerator generator = JsonList.generator(out)) {
            generator.setCodec(JSON);
            generator.writeTree(document);
        }
        out.println();
    }

    /** Null if the configuration is incomplete: the rest of the status does not need it. */
    private @Nullable PostgresSettings postgres() {
        try {
            return options().previewSettings().postgres();
        } catch (Fault incomplete) {
            LOG.debug("The server is not queried: {}", incomplete.getMessage());
            return null;
        }
    }
}
