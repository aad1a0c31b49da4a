package ai.flameup.sync.ops;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;

/** The faults of a command whose request failed or was refused. They do not contain the text of the API. Stateless. */
public final class OutcomeFaults {
    private OutcomeFaults() {}

    /** Returns a fault with exit code 4. */
    public static Fault of(Outcome.Failed failed) {
        return new Fault(
                ExitCode.FLAMEUP,
                failed.status() == 0
                        ? "Flameup: " + failed.reason()
                        : "Flameup failed with status %s. Try again later".formatted(failed.status()));
    }

    /** Returns a fault with exit code 5. */
    public static Fault of(Outcome.Refused refused) {
        return new Fault(
                ExitCode.REFUSED,
                refused.status() < 400
                        ? "Flameup answered with a redirect, which is not followed (%s). Set flameup.base-url to the final address"
                                .formatted(refused.reason())
                        : "Flameup refused the request with status %s. Check flameup.token, its permissions, flameup.workspace and flameup.base-url"
                                .formatted(refused.status()));
    }
}
