package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.ACCEPTED;
import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Thousands of rows that share an address wait for each other in one line, on a thread with a small stack. */
class LongLineTest {
    private static final int ROWS = 3_000;
    private static final int STACK = 192 << 10;

    private static void onSmallStack(Runnable test) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(null, test, "small stack", STACK);
        thread.setUncaughtExceptionHandler((unused, thrown) -> failure.set(thrown));
        thread.start();
        thread.join();
        assertThat(failure.get()).isNull();
    }

    @Test
    void liveChange_behindThousandsOfRowsOfItsAddress_pullsAllForward() throws InterruptedException {
        MachineScript script = new MachineScript(OnEmailHeld.SEND);
        onSmallStack(() -> {
            for (int row = 0; row < ROWS; row++) {
                script.rowWithoutKey(state("u" + row, "a@x", 1));
            }
            script.store();
            script.change(state("u" + (ROWS - 1), "a@x", 2), key("" + ROWS));
            script.store();
            for (int row = 0; row < script.sent.size(); row++) {
                script.answer(row, ACCEPTED);
                script.store();
            }
        });

        assertThat(script.sent).hasSize(ROWS);
        assertThat(script.machine.load()).isZero();
        assertThat(script.machine.openRows()).isZero();
    }
}
