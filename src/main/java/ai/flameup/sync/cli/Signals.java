package ai.flameup.sync.cli;

import ai.flameup.sync.fault.ExitCode;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * SIGTERM, SIGINT and SIGHUP. Handled here and not by a shutdown hook, because a process that a hook ends has the exit
 * code of the signal, and not the one that scripts rely on.
 */
final class Signals {
    private Signals() {}

    /** The second signal to stop ends the process at once. */
    static void handle(Runnable stop, Runnable reload) {
        AtomicBoolean stopping = new AtomicBoolean();
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> {
                if (stopping.getAndSet(true)) {
                    Runtime.getRuntime().halt(ExitCode.TRY_LATER.code());
                }
                stop.run();
            });
        }
        Signal.handle(new Signal("HUP"), signal -> reload.run());
    }
}
