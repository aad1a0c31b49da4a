package ai.flameup.sync.source.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.change.RowChange;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queue is limited in bytes until the listener has taken the rows. */
@Timeout(30)
class BundleQueueTest {
    private final BundleQueue queue = new BundleQueue("run", 100);
    private final AtomicReference<Object> result = new AtomicReference<>();
    private final Thread producer = new Thread(() -> {
        try {
            result.set(queue.add(bundle(60)));
        } catch (InterruptedException e) {
            result.set(e);
        }
    });

    @AfterEach
    void end() throws InterruptedException {
        producer.interrupt();
        producer.join();
    }

    private static RowBundle bundle(long bytes) {
        return new RowBundle(new RowChange.Commit(1, Instant.EPOCH), false, List.of(), bytes);
    }

    private void startAndAwaitWait() {
        producer.start();
        await().until(() -> producer.getState() == Thread.State.WAITING);
    }

    @Test
    void bundles_areTakenInOrder() throws Exception {
        RowBundle first = bundle(1);
        RowBundle second = bundle(2);
        long one = queue.add(first);
        long two = queue.add(second);

        assertThat(queue.take(one)).isSameAs(first);
        assertThat(queue.take(two)).isSameAs(second);
    }

    @Test
    void fullQueue_waitsUntilTheListenerHasTakenTheRows() throws Exception {
        long first = queue.add(bundle(60));
        startAndAwaitWait();

        queue.take(first);
        assertThat(producer.getState()).isEqualTo(Thread.State.WAITING);
        queue.delivered();
        producer.join();

        assertThat(result).hasValue(2L);
    }

    @Test
    void fullQueue_canBeInterrupted() throws Exception {
        queue.add(bundle(60));
        startAndAwaitWait();

        producer.interrupt();
        producer.join();

        assertThat(result.get()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void bundleLargerThanTheLimit_fitsAlone() throws Exception {
        long first = queue.add(bundle(1_000));
        startAndAwaitWait();

        queue.take(first);
        queue.delivered();
        producer.join();

        assertThat(result).hasValue(2L);
    }

    @Test
    void missingBundle_isAFailure() throws Exception {
        assertThatThrownBy(() -> queue.take(1)).isInstanceOf(IllegalStateException.class);
        queue.add(bundle(1));
        assertThatThrownBy(() -> queue.take(2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void queuesOfTwoRuns_haveDifferentPrefixes() {
        assertThat(queue.prefix()).isNotEqualTo(new BundleQueue("other").prefix());
    }
}
