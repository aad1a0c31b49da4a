package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.source.slot.RetainedWal;
import java.util.ArrayList;
import java.util.List;

/**
 * How much WAL is held back, and what bounds it.
 *
 * @param most {@code max-retained-wal} in bytes
 * @param catchUp the command that lets go of it
 */
record WalCheck(RetainedWal seen, long most, String catchUp) implements Check {
    private static final String RETAINED = "retained wal";
    private static final String LIMIT = "max_slot_wal_keep_size";

    @Override
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        // Of a slot that was invalidated nothing is held back, and it is told by itself.
        String status = seen.status();
        Long bytes = seen.bytes();
        if (status != null && bytes != null && !status.equals("lost")) {
            findings.add(retained(status, bytes));
        }
        findings.add(limit());
        return findings;
    }

    private Finding retained(String status, long bytes) {
        String message = "%s for the slot (wal_status %s), of %s (postgres.max-retained-wal)"
                .formatted(Sizes.text(bytes), status, Sizes.text(most));
        if (bytes > most) {
            return Finding.failed(ExitCode.POSTGRES, RETAINED, message + ": a run has to take it up", catchUp);
        }
        return bytes > most / 2 || status.equals("unreserved")
                ? Finding.warning(
                        RETAINED,
                        message + (status.equals("unreserved") ? ": the server is about to take the slot away" : ""),
                        catchUp)
                : Finding.ok(RETAINED, message);
    }

    private Finding limit() {
        String remedy = RetainedWal.limiting(most);
        Long limit = seen.serverLimit();
        if (limit == null) {
            return Finding.failed(
                    ExitCode.POSTGRES,
                    LIMIT,
                    "unlimited: while this process is dead, nothing keeps its slot from filling the server's disk;"
                            + " take a size that fits on it",
                    remedy);
        }
        return limit < most
                ? Finding.warning(
                        LIMIT,
                        "%s is less than postgres.max-retained-wal (%s): the server takes the slot away before we let go of it"
                                .formatted(Sizes.text(limit), Sizes.text(most)),
                        remedy)
                : Finding.ok(LIMIT, Sizes.text(limit));
    }
}
