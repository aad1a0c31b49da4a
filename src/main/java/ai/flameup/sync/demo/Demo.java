package ai.flameup.sync.demo;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The whole job without configuration: opens a Postgres, a stand-in for Flameup and the job, lets the {@link Story} happen,
 * and closes everything. Stateless.
 */
public final class Demo {
    private static final int USERS = 1_000;
    /** What happens takes so long, also if the workload is shorter. */
    private static final int STORY_SECONDS = 13;
    /** The rest: Postgres and the job start, load the table, and stop. */
    private static final int OTHER_SECONDS = 10;

    private static final String PASSWORD = "FLAMEUP_DEMO_PASSWORD";
    private static final String TOKEN = "FLAMEUP_DEMO_TOKEN";

    private Demo() {}

    /**
     * Runs the demo. Everything that it started has ended when it returns or throws.
     *
     * @param seconds how long the workload changes rows, at least 1
     * @param keep whether job and workload continue after the comparison until {@code stop}
     * @param stop requests the end
     * @return {@link ExitCode#ATTENTION} if rows and persons differ
     * @throws Fault with {@link ExitCode#TRY_LATER} if it was stopped before the comparison
     */
    public static ExitCode run(int seconds, boolean keep, PrintWriter out, CountDownLatch stop)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("flameup-sync-demo-", ".log");
        out.println("This takes about " + (Math.max(seconds, STORY_SECONDS) + OTHER_SECONDS)
                + " seconds. The log of the job is " + log);
        out.flush();
        String page = "127.0.0.1:" + freePort();
        try (TemporaryDirectory directory = TemporaryDirectory.create();
                StandInServer standIn = StandInServer.start(0);
                Guard guard = Guard.start();
                DemoPostgres postgres = DemoPostgres.start(USERS);
                JobProcess job = new JobProcess(
                        configuration(directory.path(), standIn, postgres, page),
                        Map.of(PASSWORD, postgres.password(), TOKEN, StandInServer.TOKEN),
                        log)) {
            guard.directory(directory.path());
            guard.directory(postgres.process().directory());
            guard.server(postgres.process().pid());
            out.println("Postgres:    %s, user %s".formatted(postgres.jdbcUrl(), postgres.username()));
            out.println("Flameup:     a stand-in for its API, " + standIn.baseUrl());
            out.println("Status page: http://" + page + "/");
            out.flush();
            Observer observer = new Observer(directory.path().resolve("state/status.json"), job, stop, log);
            Story story = new Story(postgres, standIn, new Story.Job(job, guard), observer, out);
            Comparison.Result result = story.happen(seconds);
            if (keep) {
                story.keepOpen();
            }
            int code = job.stop();
            if (code != 0) {
                throw new Fault(ExitCode.ATTENTION, "the job ended with " + code + "; see " + log);
            }
            return result.differences() > 0 ? ExitCode.ATTENTION : ExitCode.DONE;
        }
    }

    /** The page keeps its address when the job is started again, so it cannot be any free port of each process. */
    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path configuration(Path directory, StandInServer standIn, DemoPostgres postgres, String page)
            throws IOException {
        return Files.writeString(directory.resolve("flameup-sync.yaml"), """
                postgres:
                  url: %s
                  username: %s
                  password: ${%s}
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
                        page));
    }
}
