package ai.flameup.sync.source.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.util.LoggingContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** The engine's thread gets an event at once, and sleeps without one. */
class HandoverQueueTest {
    private static final int POLLS = 20;
    private static final int MOST_PER_POLL = 10;

    private static DataChangeEvent event(int number) {
        return new DataChangeEvent(new SourceRecord(Map.of(), Map.of("n", number), "t", null, null));
    }

    @Test
    void take_returnsWhatIsThere_inOrder() throws Exception {
        HandoverQueue<DataChangeEvent> queue = new HandoverQueue<>();
        List<DataChangeEvent> events = List.of(event(1), event(2), event(3));
        events.forEach(queue::enqueue);

        assertThat(queue.take(2, 60_000)).isEqualTo(events.subList(0, 2));
        assertThat(queue.take(2, 60_000)).isEqualTo(events.subList(2, 3));
        assertThat(queue.take(2, 1)).isEmpty();
    }

    @Test
    void take_waitsForTheFirst() throws Exception {
        HandoverQueue<DataChangeEvent> queue = new HandoverQueue<>();
        DataChangeEvent event = event(1);
        CompletableFuture<Void> producer = CompletableFuture.runAsync(() -> queue.enqueue(event));

        assertThat(queue.take(2, 60_000)).containsExactly(event);
        producer.get(60, TimeUnit.SECONDS);
    }

    @Test
    void emptyQueue_isReadAFewTimesInEachPoll() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HandoverQueue<DataChangeEvent> provider = new HandoverQueue<>() {
            @Override
            public int size() {
                asked.incrementAndGet();
                return super.size();
            }
        };
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
