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
import java.util.regex.Pattern;

/** The real launcher of the unpacked distribution as a child process. For one thread. */
final class SyncProcess implements AutoCloseable {
    private static final Duration AFTER_KILL = Duration.ofSeconds(10);

    private final Process process;
    private final Path out;
    private final Path err;

    /** What a process that has ended left. */
    record Result(int exitCode, String out, String err, Duration took) {
        /** For messages of assertions. */
        @Override
        public String toString() {
            return "exit " + exitCode + " after " + took.toMillis() + " ms\n--- stdout\n" + out + "\n--- stderr\n"
                    + err;
        }

        List<String> errLines() {
            return err.lines().filter(line -> !line.isBlank()).toList();
        }
    }

    private SyncProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts it.
     *
     * @param environment all that it sees, beside PATH, HOME and JAVA_HOME
     */
    static SyncProcess start(Path directory, Map<String, String> environment, List<String> arguments) {
        String distribution = System.getProperty("flameup.distribution");
        assertThat(distribution).as("the system property flameup.distribution").isNotNull();
        List<String> command = new ArrayList<>();
        command.add(Path.of(distribution, "bin", "flameup-sync").toString());
        command.addAll(arguments);
        try {
            Path out = Files.createTempFile(directory, "out-", ".log");
            Path err = Files.createTempFile(directory, "err-", ".log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().keySet().retainAll(List.of("PATH", "HOME", "JAVA_HOME"));
            builder.environment().putAll(environment);
            return new SyncProcess(builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL; the launcher has become the JVM by exec, so this is the JVM. Waits for its end. */
    void kill9() {
        process.destroyForcibly();
        assertThat(awaitEnd(AFTER_KILL)).as("ended by SIGKILL").isTrue();
    }

    /** SIGTERM. */
    void term() {
        process.destroy();
    }

    /** SIGHUP. */
    void hup() throws IOException {
        new ProcessBuilder("kill", "-HUP", Long.toString(pid())).inheritIO().start();
    }

    /** Fails where it does not end in time. */
    Result awaitExit(Duration limit) {
        long from = System.nanoTime();
        if (!awaitEnd(limit)) {
            String seen = toString();
            process.destroyForcibly();
            throw new AssertionError("no exit within " + limit + "\n" + seen);
        }
        return new Result(process.exitValue(), out(), err(), Duration.ofNanos(System.nanoTime() - from));
    }

    /** Fails where no such line is on standard error in time. */
    void awaitLog(String regex, Duration limit) {
        Pattern pattern = Pattern.compile(regex);
        Eventually.within((int) limit.toSeconds(), "a log line like " + regex, () -> {
            assertThat(isAlive()).as("alive\n%s", this).isTrue();
            return pattern.matcher(err()).find();
        });
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    private boolean awaitEnd(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill9();
        }
    }

    @Override
    public String toString() {
        return "--- stdout\n" + out() + "\n--- stderr\n" + err();
    }
}
