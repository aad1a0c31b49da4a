package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.RowChange;
import io.debezium.connector.postgresql.connection.LogicalDecodingMessage;
import io.debezium.connector.postgresql.connection.OriginMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.ReplicationStream.ReplicationMessageProcessor;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects consecutive changes of rows in bundles, and passes one message for each bundle to Debezium. For a record of its own,
 * Debezium needs several times as long as for decoding the row. All other messages are passed on in their order. For
 * the thread that reads the stream.
 */
final class Bundler {
    static final int MAX_ROWS = 256;
    private static final long MAX_BYTES = 256 << 10;

    private final Reader reader;
    private final BundleQueue queue;
    private List<StreamedChange> rows = new ArrayList<>();
    private long bytes;
    /** The message of the first row; null if there are no rows. */
    private @Nullable ReplicationMessage first;

    private boolean relayed;

    /** Converts a change, into any number of rows. */
    interface Reader {
        void read(ReplicationMessage message, Consumer<? super StreamedChange> rows);
    }

    Bundler(Reader reader, BundleQueue queue) {
        this.reader = reader;
        this.queue = queue;
    }

    /** Whether all rows have been passed on. */
    boolean isEmpty() {
        return first == null;
    }

    /**
     * Takes a message.
     *
     * @param next Debezium's processor
     */
    void process(ReplicationMessage message, ReplicationMessageProcessor next)
            throws SQLException, InterruptedException {
        if (message.isSkippedMessage()) {
            passOn(message, next);
            return;
        }
        switch (message.getOperation()) {
            case INSERT, UPDATE, DELETE, TRUNCATE -> add(message, next);
            default -> passOn(message, next);
        }
    }

    private void add(ReplicationMessage message, ReplicationMessageProcessor next)
            throws SQLException, InterruptedException {
        reader.read(message, row -> {
            rows.add(row);
            bytes += row.bytes();
        });
        if (first == null && !rows.isEmpty()) {
            first = message;
        }
        if (rows.size() >= MAX_ROWS || bytes >= MAX_BYTES) {
            flush(next);
        }
    }

    private void passOn(ReplicationMessage message, ReplicationMessageProcessor next)
            throws SQLException, InterruptedException {
        flush(next);
        if (message.getOperation() == Operation.BEGIN) {
            relayed = false;
        } else if (message instanceof OriginMessage origin) {
            relayed = origin.getOriginName() != null;
        }
        next.process(message);
    }

    /** Passes on the rows that were collected. Waits while the queue is full. */
    void flush(ReplicationMessageProcessor next) throws SQLException, InterruptedException {
        ReplicationMessage begin = first;
        if (begin == null) {
            return;
        }
        int transaction = (int) begin.getTransactionId().orElseThrow();
        // Debezium's records have milliseconds.
        Instant commit = Instant.ofEpochMilli(begin.getCommitTime().toEpochMilli());
        RowBundle bundle = new RowBundle(new RowChange.Commit(transaction, commit), relayed, rows, bytes);
        rows = new ArrayList<>();
        bytes = 0;
        first = null;
        String number = Long.toString(queue.add(bundle));
        // Transactional, because Debezium takes the position of another message for one of a commit.
        next.process(new LogicalDecodingMessage(
                Operation.MESSAGE,
                begin.getCommitTime(),
                Integer.toUnsignedLong(transaction),
                true,
                queue.prefix(),
                number.getBytes(StandardCharsets.US_ASCII)));
    }
}
