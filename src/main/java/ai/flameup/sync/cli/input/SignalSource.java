package ai.flameup.sync.cli.input;

/** Where the requests to stop and to reload come from. */
@FunctionalInterface
public interface SignalSource {
    /**
     * From now on calls these, each from a thread of its own.
     *
     * @param stop ends the command in order; called once
     * @param reload reads again what may change while the command runs
     */
    void handle(Runnable stop, Runnable reload);
}
