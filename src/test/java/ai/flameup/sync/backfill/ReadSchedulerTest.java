package ai.flameup.sync.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReadSchedulerTest {
    private static final int TURNS = 3;

    private static void assertTurns(ReadScheduler.Pages busy) throws InterruptedException {
        CountDownLatch others = new CountDownLatch(TURNS);
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        ReadScheduler scanning = new ReadScheduler(
                "scan",
                List.of(
                        new ReadScheduler.Cause("The full one", () -> false, stop -> {
                            throw new AssertionError("it has no room");
                        }),
                        new ReadScheduler.Cause("The busy one", () -> true, busy),
                        new ReadScheduler.Cause("The other", () -> true, stop -> {
                            others.countDown();
                            return false;
                        })),
                failed::complete);

        scanning.start();

        assertThat(others.await(30, TimeUnit.SECONDS)).as("turns of the other").isTrue();
        assertThat(scanning.stop(() -> false, Duration.ZERO)).isTrue();
        assertThat(failed).isNotDone();
    }

    @Test
    void cause_withEndlessRows_leavesTheOthersTheirTurns() throws InterruptedException {
        assertTurns(stop -> true);
    }

    @Test
    void cause_withoutServer_leavesTheOthersTheirTurns() throws InterruptedException {
        assertTurns(stop -> {
            throw new Fault(ExitCode.POSTGRES, "away", new SQLTransientException());
        });
    }
}
