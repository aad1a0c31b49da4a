package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AbandonableTaskTest {
    private static final Duration MOMENT = Duration.ofMillis(1);

    @Test
    void work_hanging_isAbandonedWhenTheProcessMustEnd() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch looks = new CountDownLatch(2);
        assertThat(AbandonableTask.run(
                        "hanging",
                        never::await,
                        () -> {
                            looks.countDown();
                            return looks.getCount() == 0;
                        },
                        MOMENT))
                .isFalse();
        never.countDown();
    }

    @Test
    void work_ending_isAwaitedWhileTheProcessStays() throws Exception {
        assertThat(AbandonableTask.run("short", () -> {}, () -> false, MOMENT)).isTrue();
    }

    @Test
    void work_fault_isRethrown() {
        Fault fault = new Fault(ExitCode.POSTGRES, "away");
        assertThatThrownBy(() -> AbandonableTask.run(
                        "failing",
                        () -> {
                            throw fault;
                        },
                        () -> false,
                        MOMENT))
                .isSameAs(fault);
    }
}
