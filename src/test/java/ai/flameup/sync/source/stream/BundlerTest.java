package ai.flameup.sync.source.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowChange.Kind;
import io.debezium.connector.postgresql.connection.LogicalDecodingMessage;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.OriginMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage.NoopMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.TransactionMessage;
import io.debezium.connector.postgresql.connection.pgoutput.PgOutputReplicationMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows are collected, and keep their order relative to all other messages. */
class BundlerTest {
    private static final Instant COMMIT = Instant.parse("2026-11-30T12:00:00.123456Z");
    private static final long TRANSACTION = 4_000_000_000L;

    private final BundleQueue queue = new BundleQueue("run");
    private final List<String> passed = new ArrayList<>();
    private int characters = 1;

    private final Bundler bundler = new Bundler(
            (message, rows) -> {
                if (message.getOperation() != Operation.TRUNCATE) {
                    rows.accept(new StreamedRow(
                            Kind.INSERT, Row.of(new JsonKind[] {JsonKind.STRING}, "x".repeat(characters))));
                }
            },
            queue);

    private void process(ReplicationMessage message) throws Exception {
        bundler.process(message, this::pass);
    }

    private void pass(ReplicationMessage message) {
        if (message instanceof LogicalDecodingMessage bundle
                && bundle.getPrefix().equals(queue.prefix())) {
            assertThat(bundle.isLastEventForLsn()).as("commits a position").isFalse();
            RowBundle rows = queue.take(Long.parseLong(new String(bundle.getContent(), StandardCharsets.US_ASCII)));
            passed.add("%s rows%s".formatted(rows.rows().size(), rows.relayed() ? " relayed" : ""));
            assertThat(rows.commit().transaction()).isEqualTo((int) TRANSACTION);
            assertThat(rows.commit().at()).isEqualTo(Instant.parse("2026-11-30T12:00:00.123Z"));
        } else {
            passed.add(message.getOperation().name());
        }
    }

    private static ReplicationMessage row(Operation operation) {
        return new PgOutputReplicationMessage(operation, "\"public\".\"users\"", COMMIT, TRANSACTION, null, null);
    }

    private static ReplicationMessage boundary(Operation operation) {
        return new TransactionMessage(operation, TRANSACTION, COMMIT);
    }

    private void insert(int rows) throws Exception {
        for (int i = 0; i < rows; i++) {
            process(row(Operation.INSERT));
        }
    }

    @Test
    void rows_arePassedOnBeforeTheCommit() throws Exception {
        process(boundary(Operation.BEGIN));
        process(row(Operation.INSERT));
        process(row(Operation.UPDATE));
        process(row(Operation.DELETE));
        assertThat(passed).containsExactly("BEGIN");

        process(boundary(Operation.COMMIT));

        assertThat(passed).containsExactly("BEGIN", "3 rows", "COMMIT");
        assertThat(bundler.isEmpty()).isTrue();
    }

    @Test
    void otherMessage_followsTheRowsBeforeIt() throws Exception {
        insert(2);
        process(new LogicalDecodingMessage(Operation.MESSAGE, COMMIT, TRANSACTION, true, "other", new byte[0]));
        insert(1);
        process(new NoopMessage(TRANSACTION, COMMIT, Operation.INSERT));
        insert(1);
        bundler.flush(this::pass);

        assertThat(passed).containsExactly("2 rows", "MESSAGE", "1 rows", "INSERT", "1 rows");
    }

    @Test
    void changeWithoutRows_isNotPassedOn() throws Exception {
        process(row(Operation.TRUNCATE));
        assertThat(bundler.isEmpty()).isTrue();
        insert(1);
        process(row(Operation.TRUNCATE));
        insert(1);
        bundler.flush(this::pass);

        assertThat(passed).containsExactly("2 rows");
    }

    @Test
    void fullBundle_isPassedOn() throws Exception {
        insert(Bundler.MAX_ROWS + 1);
        assertThat(passed).containsExactly(Bundler.MAX_ROWS + " rows");
        assertThat(bundler.isEmpty()).isFalse();

        bundler.flush(this::pass);
        assertThat(passed).containsExactly(Bundler.MAX_ROWS + " rows", "1 rows");
    }

    @Test
    void largeRows_arePassedOnInSmallBundles() throws Exception {
        characters = 100_000;
        insert(4);

        assertThat(passed).containsExactly("2 rows", "2 rows");
    }

    @Test
    void noRows_passNothingOn() throws Exception {
        bundler.flush(this::pass);

        assertThat(passed).isEmpty();
    }

    @Test
    void origin_holdsUntilTheNextTransaction() throws Exception {
        process(boundary(Operation.BEGIN));
        process(new OriginMessage("other", Lsn.valueOf(1L), TRANSACTION, COMMIT));
        insert(1);
        process(boundary(Operation.COMMIT));
        process(boundary(Operation.BEGIN));
        insert(1);
        process(boundary(Operation.COMMIT));

        assertThat(passed).containsExactly("BEGIN", "ORIGIN", "1 rows relayed", "COMMIT", "BEGIN", "1 rows", "COMMIT");
    }

    @Test
    void failureOfAConversion_endsTheStream() {
        Bundler failing = new Bundler(
                (message, rows) -> {
                    throw new IllegalArgumentException("a value");
                },
                queue);

        assertThatThrownBy(() -> failing.process(row(Operation.INSERT), this::pass))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(passed).isEmpty();
    }
}
