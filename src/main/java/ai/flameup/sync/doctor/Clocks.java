package ai.flameup.sync.doctor;

import java.time.Duration;
import java.time.Instant;

/** How far another's clock is from ours. */
final class Clocks {
    private static final Duration TOO_FAR = Duration.ofSeconds(10);

    private Clocks() {}

    /**
     * @param ours when the other was asked, or answered
     * @param theirs what it told then
     */
    static Finding compared(String name, Instant ours, Instant theirs) {
        Duration ahead = Duration.between(ours, theirs);
        String message = ahead.abs().compareTo(Duration.ofSeconds(2)) < 0
                ? "in step with ours"
                : "%s s %s ours".formatted(ahead.abs().toSeconds(), ahead.isNegative() ? "behind" : "ahead of");
        return ahead.abs().compareTo(TOO_FAR) <= 0
                ? Finding.ok(name, message)
                : Finding.warning(
                        name,
                        message + ": times in logs and status are wrong on one of both machines",
                        "timedatectl set-ntp true");
    }
}
