package ai.flameup.sync.doctor.finding;

import java.time.Duration;
import java.time.Instant;

/** Compares the clock of a server with that of this machine. */
public final class Clocks {
    private static final Duration MAX_DIFFERENCE = Duration.ofSeconds(10);

    private Clocks() {}

    /**
     * @param ours when the server was asked, or answered
     * @param theirs the server's time at that moment
     */
    public static Finding compared(String name, Instant ours, Instant theirs) {
        Duration ahead = Duration.between(ours, theirs);
        String message = ahead.abs().compareTo(Duration.ofSeconds(2)) < 0
                ? "in sync with the clock of this machine"
                : "%s s %s the clock of this machine"
                        .formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of");
        return ahead.abs().compareTo(MAX_DIFFERENCE) <= 0
                ? Finding.ok(name, message)
                : Finding.warning(
                        name,
                        message + ": one of them is wrong, and so are its times in logs and status",
                        "timedatectl set-ntp true");
    }
}
