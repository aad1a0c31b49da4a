package ai.flameup.sync.source.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange.Kind;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.TransactionMessage;
import io.debezium.connector.postgresql.connection.pgoutput.PgOutputReplicationMessage;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A row never waits for what is not there yet, and the engine gets its turn after each message that is passed on. */
class BundlingStreamTest {
    private final Queue<Operation> pending = new ArrayDeque<>();
    private final List<Operation> passed = new ArrayList<>();
    private final List<Lsn> flushed = Collections.synchronizedList(new ArrayList<>());
    /** Runs during a read. */
    private Reading reading = () -> {};

    private interface Reading {
        void call() throws Exception;
    }

    private final BundlingStream stream = new BundlingStream(
            new Pending(),
            new Bundler(
                    (message, rows) ->
                            rows.accept(new StreamedRow(Kind.INSERT, Row.of(new JsonKind[] {JsonKind.STRING}, "x"))),
                    new BundleQueue("run")));

    private boolean read() throws Exception {
        return stream.readPending(message -> passed.add(message.getOperation()));
    }

    @Test
    void rowWithoutCommit_isPassedOnAtOnce() throws Exception {
        pending.add(Operation.INSERT);

        assertThat(read()).isTrue();

        assertThat(passed).containsExactly(Operation.MESSAGE);
        assertThat(read()).isFalse();
    }

    @Test
    void rowsAndCommit_areReadAtOnce_butNotWhatFollows() throws Exception {
        pending.addAll(List.of(Operation.INSERT, Operation.INSERT, Operation.COMMIT, Operation.BEGIN));

        assertThat(read()).isTrue();
        assertThat(passed).containsExactly(Operation.MESSAGE, Operation.COMMIT);

        assertThat(read()).isTrue();
        assertThat(passed).endsWith(Operation.BEGIN);
    }

    @Test
    void manyRows_areReadOneBundleAtATime() throws Exception {
        for (int i = 0; i < 2 * Bundler.MAX_ROWS; i++) {
            pending.add(Operation.INSERT);
        }

        assertThat(read()).isTrue();

        assertThat(pending).hasSize(Bundler.MAX_ROWS);
        assertThat(passed).containsExactly(Operation.MESSAGE);
    }

    /** The driver holds its lock while a read waits, and the engine's thread must not wait with it. */
    @Test
    void position_duringARead_isAcknowledgedBeforeTheNext() throws Exception {
        reading = () -> {
            CompletableFuture<Void> acknowledged = CompletableFuture.runAsync(() -> flush(1));
            acknowledged.get(30, TimeUnit.SECONDS);
            assertThat(flushed).isEmpty();
        };
        assertThat(read()).isFalse();

        reading = () -> assertThat(flushed).containsExactly(Lsn.valueOf(1L));
        assertThat(read()).isFalse();
    }

    @Test
    void position_whileTheEnginesQueueIsFull_isAcknowledgedAtOnce() throws Exception {
        pending.add(Operation.COMMIT);

        stream.readPending(message -> CompletableFuture.runAsync(() -> flush(1))
                .orTimeout(30, TimeUnit.SECONDS)
                .join());

        assertThat(flushed).containsExactly(Lsn.valueOf(1L));
    }

    @Test
    void position_duringARead_isAcknowledgedBeforeItsMessageIsProcessed() throws Exception {
        pending.add(Operation.COMMIT);
        reading = () -> CompletableFuture.runAsync(() -> flush(1)).get(30, TimeUnit.SECONDS);

        stream.readPending(message -> assertThat(flushed).containsExactly(Lsn.valueOf(1L)));
    }

    @Test
    void failedProcessor_blocksNoPosition() {
        pending.add(Operation.COMMIT);
        assertThatThrownBy(() -> stream.readPending(message -> {
                    throw new SQLException("broken");
                }))
                .hasMessage("broken");

        flush(1);

        assertThat(flushed).containsExactly(Lsn.valueOf(1L));
    }

    private void flush(long lsn) {
        try {
            stream.flushLsn(Lsn.valueOf(lsn));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A stream with what is pending. */
    private final class Pending implements ReplicationStream {
        @Override
        public void read(ReplicationMessageProcessor processor) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean readPending(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
            try {
                reading.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            Operation next = pending.poll();
            if (next == null) {
                return false;
            }
            ReplicationMessage message = next == Operation.INSERT
                    ? new PgOutputReplicationMessage(next, "users", Instant.EPOCH, 1L, null, null)
                    : new TransactionMessage(next, 1L, Instant.EPOCH);
            processor.process(message);
            return true;
        }

        @Override
        public void flushLsn(Lsn lsn) {
            flushed.add(lsn);
        }

        @Override
        public Lsn lastReceivedLsn() {
            return Lsn.INVALID_LSN;
        }

        @Override
        public Lsn startLsn() {
            return Lsn.INVALID_LSN;
        }

        @Override
        public void startKeepAlive(ExecutorService service) {}

        @Override
        public void stopKeepAlive() {}

        @Override
        public void close() {}
    }
}
