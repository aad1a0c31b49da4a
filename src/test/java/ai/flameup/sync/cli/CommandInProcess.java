package ai.flameup.sync.cli;

import ai.flameup.sync.cli.input.SignalSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A command of the real command line, executed in this process. */
public final class CommandInProcess {
    private record Handlers(Runnable stop, Runnable reload) {}

    private final AtomicReference<@Nullable Handlers> handlers = new AtomicReference<>();

    /**
     * Executes a command to its end; it writes to {@code System.out} and {@code System.err}.
     *
     * @return its exit code
     */
    public int execute(Map<String, String> environment, List<String> arguments) {
        SignalSource signals = (stop, reload) -> handlers.set(new Handlers(stop, reload));
        return Main.execute(environment, signals, arguments.toArray(String[]::new));
    }

    /**
     * Stops the command as SIGTERM stops a process.
     *
     * @return false if the command does not handle signals yet
     */
    public boolean term() {
        Handlers ready = handlers.get();
        if (ready != null) {
            ready.stop.run();
        }
        return ready != null;
    }

    /**
     * Reloads settings as SIGHUP does.
     *
     * @return false if the command does not handle signals yet
     */
    public boolean reload() {
        Handlers ready = handlers.get();
        if (ready != null) {
            ready.reload.run();
        }
        return ready != null;
    }
}
