package ai.flameup.sync.source.slot;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;

/** Builds faults for positions after which changes may be missing. Stateless. */
public final class Gap {
    private Gap() {}

    /** @param what what happened, in a few words, without a full stop */
    public static Fault of(String what) {
        return new Fault(
                ExitCode.GAP,
                "Postgres: %s, so changes may be missing; run `flameup-sync resync`, which creates a new slot and sends every row again"
                        .formatted(what));
    }
}
