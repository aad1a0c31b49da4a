package ai.flameup.sync.source.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.connector.base.DefaultQueueProvider;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.util.LoggingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An idle engine sleeps instead of polling its queue without a pause. */
class PatientQueueTest {
    private static final int POLLS = 20;
    private static final int MOST_PER_POLL = 10;

    @Test
    void emptyQueue_isReadAFewTimesInEachPoll() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        DefaultQueueProvider<DataChangeEvent> provider = new PatientQueue<>() {
            @Override
            public int size() {
                asked.incrementAndGet();
                return super.size();
            }
        };
        provider.configure(Map.of("max.queue.size", "100"));
        ChangeEventQueue<DataChangeEvent> queue = new ChangeEventQueue.Builder<DataChangeEvent>()
                .pollInterval(Duration.ofMillis(10))
                .maxBatchSize(10)
                .maxQueueSize(100)
                .loggingContextSupplier(() -> LoggingContext.forConnector("test", "test", "test"))
                .queueProvider(provider)
                .build();

        for (int i = 0; i < POLLS; i++) {
            assertThat(queue.poll()).isEmpty();
        }

        assertThat(asked).hasValueLessThan(POLLS * MOST_PER_POLL);
    }
}
