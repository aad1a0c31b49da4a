package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.cli.CommandInProcess;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A command that runs on a thread of this process. */
final class ThreadExecution implements Execution {
    private static final int END_SECONDS = 30;

    static {
        // As the launcher has it: printed commands name it, and numbers are read by machines.
        String distribution = System.getProperty("flameup.distribution");
        if (distribution != null) {
            System.setProperty("flameup.home", distribution);
        }
        Locale.setDefault(Locale.ROOT);
    }

    private final CommandInProcess command = new CommandInProcess();
    private final Streams streams = new Streams();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final Thread thread;

    ThreadExecution(Map<String, String> environment, List<String> arguments) {
        this.thread = new Thread(
                () -> {
                    streams.use();
                    try {
                        ended.complete(command.execute(environment, arguments));
                    } catch (Throwable failure) {
                        ended.completeExceptionally(failure);
                    }
                },
                "command " + arguments.get(0));
        thread.start();
    }

    @Override
    public boolean isAlive() {
        return !ended.isDone();
    }

    @Override
    public boolean awaitEnd(Duration limit) {
        try {
            ended.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new AssertionError("the command failed\n" + err(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int exitCode() {
        return ended.join();
    }

    @Override
    public String out() {
        return streams.out();
    }

    @Override
    public String err() {
        return streams.err();
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public void hup() {
        Eventually.within(10, "a handler of SIGHUP", command::reload);
    }

    @Override
    public void term() {
        Eventually.within(10, "a handler of SIGTERM", () -> !isAlive() || command.term());
    }

    @Override
    public void end() {
        if (isAlive() && !command.term()) {
            thread.interrupt();
        }
        boolean inTime = awaitEnd(Duration.ofSeconds(END_SECONDS));
        assertThat(inTime).as("the command's end\n%s", err()).isTrue();
    }
}
