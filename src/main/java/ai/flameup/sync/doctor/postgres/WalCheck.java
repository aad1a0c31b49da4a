package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.doctor.finding.Sizes;
import ai.flameup.sync.source.slot.RetainedWal;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the retained WAL and its limit.
 *
 * @param max {@code max-retained-wal} in bytes
 * @param catchUp the command that releases it
 */
record WalCheck(RetainedWal seen, long max, String catchUp) implements Check {
    private static final String RETAINED = "retained wal";
    private static final String LIMIT = "max_slot_wal_keep_size";

    @Override
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        // An invalidated slot retains nothing, and is reported by another check.
        String status = seen.status();
        Long bytes = seen.bytes();
        if (status != null && bytes != null && !status.equals("lost")) {
            findings.add(retained(status, bytes));
        }
        findings.add(limit());
        return findings;
    }

    private Finding retained(String status, long bytes) {
        String message = "the slot retains %s (wal_status %s) of %s (postgres.max-retained-wal)"
                .formatted(Sizes.text(bytes), status, Sizes.text(max));
        if (bytes > max) {
            return Finding.attention(RETAINED, message + ". A run must catch up", catchUp);
        }
        return bytes > max / 2 || status.equals("unreserved")
                ? Finding.warning(
                        RETAINED,
                        message + (status.equals("unreserved") ? ". The server is about to invalidate the slot" : ""),
                        catchUp)
                : Finding.ok(RETAINED, message);
    }

    private Finding limit() {
        String remedy = RetainedWal.limitedTo(max);
        Long limit = seen.serverLimit();
        if (limit == null) {
            return Finding.attention(
                    LIMIT,
                    "unlimited: while the sidecar is down, its slot can fill the server's disk."
                            + " Choose a size that fits on the disk",
                    remedy);
        }
        return limit < max
                ? Finding.warning(
                        LIMIT,
                        "%s is less than postgres.max-retained-wal (%s): the server invalidates the slot before the sidecar gives it up"
                                .formatted(Sizes.text(limit), Sizes.text(max)),
                        remedy)
                : Finding.ok(LIMIT, Sizes.text(limit));
    }
}
