package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/** A running command, in this process or as a child process. Not thread-safe. */
final class SyncProcess implements AutoCloseable {
    /** Options that affect logging or are read by the launcher concern the whole process. */
    private static final Set<String> WHOLE_PROCESS = Set.of("-q", "--log-format", "demo");

    private final Execution execution;

    /** The result of a process that has ended. */
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

    private SyncProcess(Execution execution) {
        this.execution = execution;
    }

    /**
     * Starts the real launcher as a child process.
     *
     * @param environment the whole environment except PATH, HOME and JAVA_HOME
     */
    static SyncProcess start(Path directory, Map<String, String> environment, List<String> arguments) {
        return new SyncProcess(new ChildExecution(directory, environment, arguments));
    }

    /**
     * Starts a command in this process, which is many times cheaper, or as a child process if it affects the whole process.
     *
     * @param environment all that it sees
     */
    static SyncProcess startCheaply(Path directory, Map<String, String> environment, List<String> arguments) {
        boolean fork = arguments.stream().anyMatch(WHOLE_PROCESS::contains)
                || environment.keySet().stream()
                        .anyMatch(name -> name.startsWith("FLAMEUP_SYNC_JAVA") || name.startsWith("LC_"));
        return fork
                ? start(directory, environment, arguments)
                : new SyncProcess(new ThreadExecution(environment, arguments));
    }

    boolean isAlive() {
        return execution.isAlive();
    }

    long pid() {
        return execution.pid();
    }

    private ChildExecution child() {
        assertThat(execution).as("a child process: use Fixture.fork").isInstanceOf(ChildExecution.class);
        return (ChildExecution) execution;
    }

    /** SIGKILL. Waits for its end. */
    void kill9() {
        child().end();
    }

    /** SIGTERM. */
    void term() {
        execution.term();
    }

    /** SIGHUP. */
    void hup() {
        execution.hup();
    }

    /** Fails if the command does not end in time. */
    Result awaitExit(Duration limit) {
        long from = System.nanoTime();
        if (!execution.awaitEnd(limit)) {
            String seen = toString();
            execution.end();
            throw new AssertionError("no exit within " + limit + "\n" + seen);
        }
        return new Result(execution.exitCode(), out(), err(), Duration.ofNanos(System.nanoTime() - from));
    }

    /** Fails if no matching line appears on standard error in time. */
    void awaitLog(String regex, Duration limit) {
        Pattern pattern = Pattern.compile(regex);
        try {
            Eventually.within((int) limit.toSeconds(), "a log line like " + regex, () -> {
                assertThat(isAlive()).as("alive\n%s", this).isTrue();
                return pattern.matcher(err()).find();
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("No log line like " + regex + "\n" + this, e);
        }
    }

    String out() {
        return execution.out();
    }

    String err() {
        return execution.err();
    }

    @Override
    public void close() {
        if (execution.isAlive()) {
            execution.end();
        }
    }

    @Override
    public String toString() {
        return "--- stdout\n" + out() + "\n--- stderr\n" + err();
    }
}
