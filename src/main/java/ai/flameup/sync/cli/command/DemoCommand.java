package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.demo.Comparison;
import ai.flameup.sync.demo.DemoPostgres;
import ai.flameup.sync.demo.StandIn;
import ai.flameup.sync.demo.Workload;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.job.RunOptions;
import ai.flameup.sync.job.SyncJob;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
        CountDownLatch stop = new CountDownLatch(1);
        options().signals().handle(stop::countDown, () -> {});
        if (standInPort != null) {
            standInAlone(standInPort, out, stop);
            return ExitCode.DONE;
        }
        try {
            Path directory = Files.createTempDirectory("flameup-sync-demo");
            try {
                return demo(directory, out, stop);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the sidecar and the Postgres of docker/compose.yaml. */
    private static void standInAlone(int port, PrintWriter out, CountDownLatch stop) throws InterruptedException {
        if (port < 1 || port > 65_535) {
            throw new Fault(ExitCode.USAGE, "--stand-in must be a port from 1 to 65535");
        }
        try (StandIn standIn = StandIn.start(port).keepHistory(false)) {
            out.println("Stand-in for Flameup: %s, workspace demo, token demo-token".formatted(standIn.baseUrl()));
            String printed = "";
            do {
                String seen = String.format(
                        Locale.ROOT, "%,d requests, %,d persons", standIn.requests(), standIn.personCount());
                if (!seen.equals(printed)) {
                    out.println(seen);
                    out.flush();
                    printed = seen;
                }
            } while (!stop.await(1, TimeUnit.SECONDS));
        }
    }

    private ExitCode demo(Path directory, PrintWriter out, CountDownLatch stop)
            throws IOException, InterruptedException {
        out.println(String.format(
                Locale.ROOT, "Starting a Postgres with %,d sample users, and a stand-in for Flameup", USERS));
        out.flush();
        try (StandIn standIn = StandIn.start().keepHistory(false);
                DemoPostgres postgres = DemoPostgres.start(USERS)) {
            out.println("Postgres: %s as %s; stand-in: %s"
                    .formatted(postgres.jdbcUrl(), postgres.username(), standIn.baseUrl()));
            out.flush();
            Settings settings = settings(directory, standIn, postgres, "127.0.0.1:0");
            follow(settings, standIn, postgres, out, stop);
            if (seconds == null) {
                return ExitCode.DONE;
            }
            out.println("The workload has stopped; delivering the rest");
            out.flush();
            ExitCode code = new SyncJob(settings(directory, standIn, postgres, "off"), options(true)).run();
            Comparison.Result result = Comparison.of(postgres, standIn);
            out.println(result.summary());
            result.described().forEach(out::println);
            out.flush();
            return code == ExitCode.DONE && result.differences() > 0 ? ExitCode.ATTENTION : code;
        }
    }

    /** Runs the job with the workload until the time is over or the command is stopped. */
    private void follow(Settings settings, StandIn standIn, DemoPostgres postgres, PrintWriter out, CountDownLatch stop)
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
                            standIn.persons().size()));
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
    private static Settings settings(Path directory, StandIn standIn, DemoPostgres postgres, String listen)
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
                  workspace: demo
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
                        TOKEN,
                        directory.resolve("state"),
                        listen));
        return SettingsFile.load(file, Map.of(PASSWORD, postgres.password(), TOKEN, "demo-token"));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }
}
