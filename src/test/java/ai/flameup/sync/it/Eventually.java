package ai.flameup.sync.it;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Conditions that are awaited. */
final class Eventually {
    private static final Duration SOON = Duration.ofMillis(20);

    /** After a second a condition is checked less often, because most checks are a query or a command. */
    private static final Duration LATER = Duration.ofMillis(100);

    private static final int CHECKS_SOON = 50;

    private Eventually() {}

    /** Fails when the condition is not met within the given seconds. */
    static void within(int seconds, String what, Callable<Boolean> condition) {
        await(what)
                .atMost(Duration.ofSeconds(seconds))
                .pollDelay(Duration.ZERO)
                .pollInterval((checks, last) -> checks < CHECKS_SOON ? SOON : LATER)
                .until(condition);
    }

    /** Waits until the number is unchanged for the given time. Fails after the given seconds. */
    static void settled(int seconds, Duration rest, String what, Callable<Long> number) {
        long[] last = {Long.MIN_VALUE};
        long[] since = {System.nanoTime()};
        within(seconds, what, () -> {
            long now = number.call();
            if (now != last[0]) {
                last[0] = now;
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] >= rest.toNanos();
        });
    }
}
