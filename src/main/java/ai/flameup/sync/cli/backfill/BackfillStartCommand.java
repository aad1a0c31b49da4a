package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Requester;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.BackfillPlan;
import ai.flameup.sync.ops.DelegatedTask;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import ai.flameup.sync.state.pending.Backfill;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Stores the request, then waits until it is done: by the active run, or by this process. */
@Command(name = "start", description = "Send rows again in their newest state, and wait until every one is settled")
final class BackfillStartCommand extends Subcommand {
    @Mixin
    private final RowChoice choice = new RowChoice();

    @Option(names = "--dry-run", description = "Estimate rows, requests and time, and change nothing")
    private boolean dryRun;

    @Option(names = "--changed-only", description = "Send only the rows whose state Flameup does not have yet")
    private boolean changedOnly;

    @Option(names = "--detach", description = "Queue the backfill and return immediately")
    private boolean detach;

    @Option(names = "--json", description = "With --dry-run: print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws InterruptedException, IOException {
        choice.check();
        if (json && !dryRun) {
            throw new Fault(ExitCode.USAGE, "--json needs --dry-run");
        }
        Settings settings = options().settings();
        PrintWriter out = messages();
        BackfillPlan plan = choice.plan(settings);
        if (dryRun) {
            PlanReport report = new PlanReport(plan, settings.maxRetainedWal());
            if (json) {
                report.json(out());
            } else {
                report.text(out);
            }
            return ExitCode.DONE;
        }
        boolean missing = plan.missingCount() > 0;
        if (missing) {
            err().println("flameup-sync: no row for %s".formatted(named(plan)));
        }
        if (plan.rows().equals(OptionalLong.of(0)) && plan.kind() == Backfill.Kind.IDS) {
            throw new Fault(ExitCode.ATTENTION, "no id has a row, so nothing was requested");
        }
        DelegatedTask.makeStore(settings);
        PendingRequest request =
                new PendingRequest(plan.rows(), store -> plan.request(settings, store, changedOnly, Requester.name()));
        ExitCode code = detach ? queued(request, options().stateDirectory(), out) : followed(request, out);
        return code == ExitCode.DONE && missing ? ExitCode.ATTENTION : code;
    }

    private static String named(BackfillPlan plan) {
        long more = plan.missingCount() - plan.missing().size();
        return plan.missing().stream().map(PlainText::of).collect(Collectors.joining(", "))
                + (more > 0 ? " and %s more".formatted(more) : "");
    }

    /** The request with the number of its rows. It may hold many ids, which are released once it is stored. */
    private static final class PendingRequest {
        private final OptionalLong rows;
        private @Nullable Function<StateStore, Backfill> request;

        PendingRequest(OptionalLong rows, Function<StateStore, Backfill> request) {
            this.rows = rows;
            this.request = request;
        }

        Backfill store(Path directory) {
            Function<StateStore, Backfill> once = Objects.requireNonNull(request, "a request is stored once");
            request = null;
            try (StateStore store = StateStore.openShared(directory)) {
                return once.apply(store);
            }
        }
    }

    private static ExitCode queued(PendingRequest request, Path directory, PrintWriter out) {
        Backfill requested = request.store(directory);
        out.println("Backfill %s is queued: %s does the work"
                .formatted(
                        requested.id(),
                        StateDirectory.holder(directory)
                                .map("the active run (pid %s)"::formatted)
                                .orElse("the next run")));
        return ExitCode.DONE;
    }

    private ExitCode followed(PendingRequest request, PrintWriter out) throws InterruptedException {
        return new BackfillFollower(options(), request.rows, out, err()).follow(List.of(request::store));
    }
}
