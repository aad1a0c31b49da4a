package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.demo.Comparison;
import ai.flameup.sync.demo.DemoPostgres;
import ai.flameup.sync.demo.StandInServer;
import ai.flameup.sync.demo.TemporaryDirectory;
import ai.flameup.sync.demo.Workload;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.job.RunOptions;
import ai.flameup.sync.job.SyncJob;
import ai.flameup.sync.observe.http.HttpLimits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description =
                "Run the whole job without configuration, against an embedded Postgres and a stand-in for Flameup")
public final class DemoCommand extends Subcommand {
    private static final int USERS = 1_000;
    private static final String PASSWORD = "FLAMEUP_DEMO_PASSWORD";
    private static final String TOKEN = "FLAMEUP_DEMO_TOKEN";

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Stop the workload after so many seconds, deliver the rest, compare, and exit")
    private @Nullable Integer seconds;

    @Option(
            names = "--stand-in",
            paramLabel = "PORT",
            hidden = true,
            description = "Run only the stand-in for Flameup, at this port of 127.0.0.1")
    private @Nullable Integer standInPort;

    @Override
    protected ExitCode execute() throws InterruptedException {
        if (seconds != null && seconds < 1) {
            throw new Fault(ExitCode.USAGE, "--seconds must be 1 or more");
        }
        PrintWriter out = out();
        // The stand-in is the first server of the process, and the status page relies on the limits.
        HttpLimits.apply();
        CountDownLatch stop = new CountDownLatch(1);
        options().signals().handle(stop::countDown, () -> {});
        if (standInPort != null) {
            standInAlone(standInPort, out, stop);
            return ExitCode.DONE;
        }
        try (TemporaryDirectory directory = TemporaryDirectory.create()) {
            return demo(directory.path(), out, stop);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs only the stand-in, for the sidecar and the Postgres of docker/compose.yaml. */
    private static void standInAlone(int port, PrintWriter out, CountDownLatch stop) throws InterruptedException {
        if (port < 1 || port > 65_535) {
            throw new Fault(ExitCode.USAGE, "--stand-in must be a port from 1 to 65535");
        }
        try (StandInServer standIn = StandInServer.start(port)) {
            out.println("Stand-in for Flameup: %s, workspace %s, token %s"
                    .formatted(standIn.baseUrl(), StandInServer.WORKSPACE, StandInServer.TOKEN));
            String printed = "";
            do {
                String counts = String.format(
                        Locale.ROOT,
                        "%,d requests, %,d persons",
                        standIn.requests(),
                        standIn.people().count());
                if (!counts.equals(printed)) {
                    out.println(counts);
                    out.flush();
                    printed = counts;
                }
            } while (!stop.await(1, TimeUnit.SECONDS));
        }
    }

    private ExitCode demo(Path directory, PrintWriter out, CountDownLatch stop)
            throws IOException, InterruptedException {
        out.println(String.format(
                Locale.ROOT, "Starting a Postgres with %,d sample users, and a stand-in for Flameup", USERS));
        out.flush();
        try (StandInServer standIn = StandInServer.start(0);
                DemoPostgres postgres = DemoPostgres.start(USERS)) {
            out.println("Postgres: %s as %s; stand-in: %s"
                    .formatted(postgres.jdbcUrl(), postgres.username(), standIn.baseUrl()));
            out.flush();
            Settings settings = settings(directory, standIn, postgres, "127.0.0.1:0");
            showProgress(settings, standIn, postgres, out, stop);
            if (seconds == null) {
                return ExitCode.DONE;
            }
            out.println("The workload has stopped; delivering the rest");
            out.flush();
            ExitCode code = new SyncJob(settings(directory, standIn, postgres, "off"), options(true)).run();
            Comparison.Result result = Comparison.of(postgres, standIn.people());
            out.println(result.summary());
            result.described().forEach(out::println);
            out.flush();
            return code == ExitCode.DONE && result.differences() > 0 ? ExitCode.ATTENTION : code;
        }
    }

    /** Runs the job and the workload until the time is over or a signal arrives. */
    private void showProgress(
            Settings settings, StandInServer standIn, DemoPostgres postgres, PrintWriter out, CountDownLatch stop)
            throws InterruptedException {
        SyncJob job = new SyncJob(settings, options(false));
        long seed = ThreadLocalRandom.current().nextLong();
        try (Workload workload = Workload.start(postgres.jdbcUrl(), postgres.username(), postgres.password(), seed)) {
            CompletableFuture<ExitCode> running = CompletableFuture.supplyAsync(job::run);
            long end = seconds == null ? Long.MAX_VALUE : System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (stop.getCount() > 0 && System.nanoTime() - end < 0 && !running.isDone()) {
                if (!stop.await(1, TimeUnit.SECONDS)) {
                    out.println(String.format(
                            Locale.ROOT,
                            "%,d changes made, %,d persons delivered, %,d at the stand-in",
                            workload.changes(),
                            job.counters().delivered(),
                            standIn.people().count()));
                    out.flush();
                }
            }
            job.stop();
            try {
                running.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Fault fault) {
                    throw fault;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    private static RunOptions options(boolean untilCaughtUp) {
        return new RunOptions(untilCaughtUp, Duration.ofMinutes(1), Duration.ofMinutes(10), true);
    }

    /** @param listen the address of the status page, or off */
    private static Settings settings(Path directory, StandInServer standIn, DemoPostgres postgres, String listen)
            throws IOException {
        Path file = directory.resolve("flameup-sync.yaml");
        Files.writeString(file, """
                postgres:
                  url: %s
                  username: %s
                  password: ${%s:-}
                  table: public.users
                flameup:
                  base-url: %s
                  workspace: %s
                  token: ${%s}
                mapping:
                  on-delete: mark
                state:
                  directory: %s
                status:
                  listen: "%s"
                """.formatted(
                        postgres.jdbcUrl(),
                        postgres.username(),
                        PASSWORD,
                        standIn.baseUrl(),
                        StandInServer.WORKSPACE,
                        TOKEN,
                        directory.resolve("state"),
                        listen));
        return SettingsFile.load(file, Map.of(PASSWORD, postgres.password(), TOKEN, StandInServer.TOKEN));
    }
}
