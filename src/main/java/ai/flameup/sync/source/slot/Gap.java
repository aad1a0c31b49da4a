package ai.flameup.sync.source.slot;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;

/** Builds faults for positions after which changes may be missing. Stateless. */
public final class Gap {
    private Gap() {}

    private static final String RESYNC =
            "run `flameup-sync resync`, which creates a new slot and sends every row again";

    /** @param what what happened, in a few words, without a full stop */
    public static Fault of(String what) {
        return new Fault(ExitCode.GAP, "Postgres: %s, so changes may be missing; %s".formatted(what, RESYNC));
    }

    /**
     * Returns a fault for what also happens if the state directory of an earlier installation is still there.
     *
     * @param what as for {@link #of}
     */
    static Fault orNewInstallation(String what) {
        return new Fault(
                ExitCode.GAP,
                "Postgres: %s. Changes may be missing; for a new installation, move state.directory away; otherwise %s"
                        .formatted(what, RESYNC));
    }
}
