package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The real launcher of the unpacked distribution as a child process. */
final class ChildExecution implements Execution {
    private static final Duration AFTER_KILL = Duration.ofSeconds(10);

    private final Process process;
    private final Path out;
    private final Path err;

    /**
     * Starts it.
     *
     * @param environment the whole environment except PATH, HOME and JAVA_HOME
     */
    ChildExecution(Path directory, Map<String, String> environment, List<String> arguments) {
        String distribution = System.getProperty("flameup.distribution");
        assertThat(distribution).as("the system property flameup.distribution").isNotNull();
        List<String> command = new ArrayList<>();
        command.add(Path.of(distribution, "bin", "flameup-sync").toString());
        command.addAll(arguments);
        try {
            out = Files.createTempFile(directory, "out-", ".log");
            err = Files.createTempFile(directory, "err-", ".log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().keySet().retainAll(List.of("PATH", "HOME", "JAVA_HOME"));
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public boolean awaitEnd(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int exitCode() {
        return process.exitValue();
    }

    @Override
    public String out() {
        return read(out);
    }

    @Override
    public String err() {
        return read(err);
    }

    @Override
    public void term() {
        process.destroy();
    }

    @Override
    public void hup() {
        try {
            new ProcessBuilder("kill", "-HUP", Long.toString(pid())).inheritIO().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL; the launcher has become the JVM by exec, so this is the JVM. */
    @Override
    public void end() {
        process.destroyForcibly();
        assertThat(awaitEnd(AFTER_KILL)).as("ended by SIGKILL").isTrue();
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
