package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.DurationConverter;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.JsonList;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
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

/** Needs the state directory, and no more; what else is in the configuration and in order makes it tell more. */
@Command(name = "status", description = "Shows where the job stands, or how it ended.")
public final class StatusCommand extends Subcommand {
    private static final Logger LOG = LoggerFactory.getLogger(StatusCommand.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Option(names = "--check", description = "print one line; exit 0 if it is well, else 6: for cron or Nagios")
    private boolean check;

    @Option(
            names = "--max-age",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "with --check, between runs from cron: how old the last success may be (default: 24h)")
    private @Nullable Duration maxAge;

    @Override
    protected ExitCode execute() throws IOException {
        if (check && json) {
            throw new Fault(ExitCode.USAGE, "--check prints one line, and --json a document; leave one out");
        }
        if (maxAge != null && !check) {
            throw new Fault(ExitCode.USAGE, "--max-age goes with --check");
        }
        PrintWriter out = out();
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

    /** Those that a run has written are complete already. */
    private void complete(JsonNode document) {
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

    /** Null where the configuration does not tell, which keeps nobody from the rest. */
    private @Nullable PostgresSettings postgres() {
        try {
            return options().previewSettings().postgres();
        } catch (Fault notTold) {
            LOG.debug("The server is not asked: {}", notTold.getMessage());
            return null;
        }
    }
}
