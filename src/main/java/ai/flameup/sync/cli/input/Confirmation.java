package ai.flameup.sync.cli.input;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;

/** Asks on the terminal before a command changes something for good; {@code --yes} answers in advance. Stateless. */
public final class Confirmation {
    private Confirmation() {}

    /**
     * @param action what would be done, as a verb with its object
     * @throws Fault 2 if there is neither {@code --yes} nor a terminal
     */
    public static void requirePossible(GlobalOptions options, String action) {
        if (!options.yes() && !Terminal.isPresent()) {
            throw new Fault(
                    ExitCode.USAGE,
                    "cannot ask for confirmation without a terminal; pass --yes to %s".formatted(action));
        }
    }

    /** True with {@code --yes} or after a clear yes; false without a terminal. */
    public static boolean isGiven(GlobalOptions options, String question) {
        return options.yes() || Terminal.confirms(question);
    }
}
