package ai.flameup.sync.cli.input;

import ai.flameup.sync.fault.ExitCode;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SIGTERM, SIGINT and SIGHUP. A shutdown hook would not do: the process would end with the exit code of the signal instead of
 * the documented one. The second signal to stop ends the process at once.
 */
public final class Signals implements SignalSource {
    @Override
    public void handle(Runnable stop, Runnable reload) {
        AtomicBoolean stopping = new AtomicBoolean();
        Runnable once = () -> {
            if (stopping.getAndSet(true)) {
                Runtime.getRuntime().halt(ExitCode.TRY_LATER.code());
            }
            stop.run();
        };
        register("TERM", once);
        register("INT", once);
        register("HUP", reload);
    }

    private static void register(String signal, Runnable handler) {
        if (org.jline.utils.Signals.register(signal, handler) == null) {
            throw new IllegalStateException("SIG" + signal + " cannot be handled by this Java");
        }
    }
}
