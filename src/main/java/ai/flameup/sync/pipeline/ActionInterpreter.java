package ai.flameup.sync.pipeline;

import java.util.List;
import java.util.function.Consumer;

/** Performs the actions of the state machine. Called by the pipeline's thread only; must not wait. */
public interface ActionInterpreter {
    /**
     * Performs actions in their order.
     *
     * @param actions reused after the call
     * @param events takes the answers and confirmations, from any thread
     */
    void perform(List<Action> actions, Consumer<Event> events);

    /** Performs what was kept to be done together: the inputs that arrived so far are handled. */
    void endTurn(Consumer<Event> events);

    /** An internal error ended the pipeline's thread. */
    void crashed(Throwable bug);
}
