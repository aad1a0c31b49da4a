package ai.flameup.sync.cli.input;

/** The source of requests to stop and to reload. */
@FunctionalInterface
public interface SignalSource {
    /**
     * Registers the handlers. Each is called on a thread of its own.
     *
     * @param stop ends the command gracefully; called once
     * @param reload reads settings again that may change while the command runs
     */
    void handle(Runnable stop, Runnable reload);
}
