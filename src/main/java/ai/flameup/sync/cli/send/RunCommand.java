package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.input.DurationConverter;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.job.RunOptions;
import ai.flameup.sync.job.SyncJob;
import ai.flameup.sync.observe.metrics.MetricsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "run", description = "Tail the table until stopped, or until caught up")
public final class RunCommand extends Subcommand {
    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration DEADLINE = Duration.ofHours(1);

    @Option(names = "--until-caught-up", description = "Deliver what was committed before the start, then exit")
    private boolean untilCaughtUp;

    @Option(
            names = "--stall-timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "With --until-caught-up: stop after so long without progress (default: 5m)")
    private @Nullable Duration stallTimeout;

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "With --until-caught-up: stop after so long (default: 1h)")
    private @Nullable Duration deadline;

    @Option(names = "--exit-when-halted", description = "Exit when an operator is needed, instead of waiting")
    private boolean exitWhenHalted;

    @Option(
            names = "--metrics-file",
            paramLabel = "FILE",
            description = "Write metrics to this file at the end, for node_exporter's textfile collector")
    private @Nullable Path metricsFile;

    @Option(
            names = "--dry-run",
            description = "Print what --until-caught-up would send, and change neither API, store nor slot")
    private boolean dryRun;

    @Option(names = "--json", description = "With --dry-run: print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException {
        if (!untilCaughtUp && !dryRun && (stallTimeout != null || deadline != null)) {
            throw new Fault(ExitCode.USAGE, "--stall-timeout and --deadline need --until-caught-up or --dry-run");
        }
        if (metricsFile != null && dryRun) {
            throw new Fault(ExitCode.USAGE, "--metrics-file and --dry-run exclude each other");
        }
        if (json && !dryRun) {
            throw new Fault(ExitCode.USAGE, "--json needs --dry-run");
        }
        Settings settings = options().settings();
        if (dryRun) {
            return DryRunPrinter.of(settings, json, options())
                    .run(stallTimeout == null ? STALL_TIMEOUT : stallTimeout, deadline == null ? DEADLINE : deadline);
        }
        SyncJob job = new SyncJob(
                settings,
                new RunOptions(
                        untilCaughtUp,
                        new RunOptions.Limits(
                                stallTimeout == null ? STALL_TIMEOUT : stallTimeout,
                                deadline == null ? DEADLINE : deadline),
                        exitWhenHalted,
                        metricsFile == null ? null : MetricsFile.at(metricsFile),
                        options().yes()));
        options().signals().handle(job::stop, job::reload);
        return job.run();
    }
}
