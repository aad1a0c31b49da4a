package ai.flameup.sync.demo;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The job as its users run it: the launcher as a child process. Standard output and log go to a file. For one thread, and
 * one process at a time.
 */
final class JobProcess implements AutoCloseable {
    private static final int KILLED = 137;
    private static final long STOP_SECONDS = 30;

    private final Path configuration;
    private final Map<String, String> secrets;
    private final Path log;
    private @Nullable Process running;

    /** @param secrets the variables that the configuration names */
    JobProcess(Path configuration, Map<String, String> secrets, Path log) {
        this.configuration = configuration;
        this.secrets = Map.copyOf(secrets);
        this.log = log;
    }

    /** Starts {@code run}, without an end. */
    void start() {
        running = launch("run");
    }

    /** Returns the process id of the last {@code run}. */
    long pid() {
        return run().pid();
    }

    boolean isAlive() {
        return run().isAlive();
    }

    /** Ends the job by SIGKILL, which it cannot notice. */
    void kill() throws InterruptedException {
        int code = run().destroyForcibly().waitFor();
        if (code != KILLED) {
            throw new Fault(ExitCode.ATTENTION, "the job ended with " + code + " before it was killed; see " + log);
        }
    }

    /** Ends the job by SIGTERM, and returns its exit code. */
    int stop() throws InterruptedException {
        Process process = run();
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    /** Executes another command, and returns its exit code. */
    int execute(String... command) throws InterruptedException {
        return launch(command).waitFor();
    }

    private Process launch(String... command) {
        String home = System.getProperty("flameup.home");
        if (home == null) {
            throw new Fault(ExitCode.USAGE, "demo starts the launcher of its distribution; run it by bin/flameup-sync");
        }
        List<String> words =
                new ArrayList<>(List.of(Path.of(home, "bin", "flameup-sync").toString()));
        words.addAll(List.of(command));
        words.addAll(List.of("--config", configuration.toString()));
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(secrets);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new Fault(ExitCode.USAGE, "cannot start " + words.get(0) + ": " + e.getMessage(), e);
        }
    }

    private Process run() {
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    /** Ends the job at once if it still runs. */
    @Override
    public void close() {
        if (running != null) {
            running.destroyForcibly().onExit().join();
        }
    }
}
