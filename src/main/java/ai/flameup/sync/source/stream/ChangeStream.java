package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.type.TypeCatalog;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the Debezium engine, from the stored position until it is stopped or fails. Its listener is called by the
 * engine's thread; a listener that waits holds up the reading, and nothing else.
 */
public final class ChangeStream {
    /** Takes the stream's events in their order. */
    public interface Listener {
        void accept(List<StreamEvent> events) throws InterruptedException;
    }

    /**
     * Where the stream's events go.
     *
     * @param acknowledgeable returns where the stream begins, and later up to where the slot may be acknowledged: at most
     *     what the store has committed. Called repeatedly; must never decrease
     */
    public record Sink(Supplier<Lsn> acknowledgeable, Listener listener) {}

    private static final Logger LOG = LoggerFactory.getLogger(ChangeStream.class);

    private final Sink sink;
    private final String run = UUID.randomUUID().toString();
    private final RecordDecoder decoder;
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Lsn acknowledged;
    /** What the decoding or the listener threw: the engine would only tell of it in its own words. */
    private volatile @Nullable RuntimeException failedInside;

    public ChangeStream(Database database, Table table, Fence fence, Markers markers, Sink sink) {
        PostgresSettings settings = database.settings();
        Supplier<Lsn> acknowledgeable = sink.acknowledgeable();
        this.sink = sink;
        this.decoder = new RecordDecoder(settings, table, fence, markers, acknowledgeable.get());
        StoredOffsets.publish(run, acknowledgeable);
        ColumnTexts.publish(run, new TypeCatalog(database));
        EngineConnections.publish(run, settings);
        this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(EngineSettings.of(settings, table, run))
                .using((success, message, error) -> {
                    if (!success) {
                        failure.compareAndSet(null, error == null ? new IllegalStateException(message) : error);
                    }
                })
                .notifying(this::handle)
                .build();
    }

    /**
     * Runs until {@link #stop}.
     *
     * @throws RuntimeException what the listener or the decoding threw, as it is
     * @throws StreamFailure if the engine fails; what was handed over stays valid, and a new stream goes on behind the
     *     committed position
     */
    public void run() throws StreamFailure {
        try {
            engine.run();
        } finally {
            StoredOffsets.withdraw(run);
            ColumnTexts.withdraw(run);
            EngineConnections.withdraw(run);
            ended.countDown();
        }
        RuntimeException ours = failedInside;
        if (ours != null) {
            throw ours;
        }
        Throwable error = failure.get();
        if (error != null) {
            throw new StreamFailure(error);
        }
    }

    private void handle(
            List<RecordChangeEvent<SourceRecord>> records, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        List<StreamEvent> events = new ArrayList<>(records.size() + 16);
        try {
            for (RecordChangeEvent<SourceRecord> record : records) {
                decoder.decode(record.record(), events::add);
            }
            sink.listener().accept(events);
            decoder.handedOver();
        } catch (RuntimeException ours) {
            failedInside = ours;
            throw ours;
        }
        acknowledge(records.get(0), committer);
    }

    /** Acknowledges what the store has committed, which never includes this batch. */
    private void acknowledge(
            RecordChangeEvent<SourceRecord> any, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        Lsn position = sink.acknowledgeable().get();
        if (!position.equals(acknowledged)) {
            DebeziumEngine.Offsets marked = committer.buildOffsets();
            marked.set(StoredOffsets.LSN, position.value());
            marked.set(StoredOffsets.COMMIT, position.value());
            committer.markProcessed(any, marked);
            acknowledged = position;
        }
        committer.markBatchFinished();
    }

    /** Stops the reading and waits for its end; {@link #run} must have been called, or be about to be. */
    public void stop() throws InterruptedException {
        do {
            try {
                engine.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (IllegalStateException e) {
                // It is only just starting, or ending by itself already: ask again until it has ended.
                LOG.debug("The engine cannot be closed yet: {}", e.getMessage());
            }
        } while (!ended.await(50, TimeUnit.MILLISECONDS));
    }

    /** The engine gave up: Postgres went away, or something that only its own words tell. */
    public static final class StreamFailure extends Exception {
        /** What a decoder throws at something that it was not made for. A lost connection ends with none of them. */
        private static final List<Class<? extends RuntimeException>> UNREADABLE = List.of(
                ArithmeticException.class,
                ClassCastException.class,
                DateTimeException.class,
                IllegalArgumentException.class,
                IndexOutOfBoundsException.class,
                NullPointerException.class);

        /** The same in PostgreSQL 14 to 18. */
        private static final Set<String> FINDING_SLOT_OR_PUBLICATION =
                Set.of("ReplicationSlotAcquire", "get_publication_oid", "GetPublicationByName");

        StreamFailure(Throwable cause) {
            super(cause);
        }

        /** One line without the stack, from the innermost cause. */
        public String reason() {
            Throwable root = root();
            String message = root.getMessage();
            if (root instanceof EOFException) {
                return "the server closed the connection";
            }
            // What is wrong with a value quotes it, and it may be anybody's.
            return message == null || message.isBlank() || isOfContent()
                    ? root.getClass().getSimpleName()
                    : message.lines()
                            .findFirst()
                            .orElseThrow()
                            // The engine's own words around the server's.
                            .replaceFirst("^.*(?=FATAL: )", "")
                            .replaceFirst("[.]$", "");
        }

        /** Whether something in the stream cannot be read, which another attempt does not mend. */
        public boolean isOfContent() {
            Throwable root = root();
            return UNREADABLE.stream().anyMatch(kind -> kind.isInstance(root));
        }

        private Throwable root() {
            Throwable root = this;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return root;
        }

        /**
         * Whether the slot is missing, or the publication at the time of the changes, which the stream cannot get past.
         * Known by the server's code and routine, because its words are in the operator's language. A server that names
         * no routine is believed by its code alone.
         */
        public boolean isPublicationMissing() {
            if (!(root() instanceof PSQLException said)
                    || !PSQLState.UNDEFINED_OBJECT.getState().equals(said.getSQLState())) {
                return false;
            }
            ServerErrorMessage details = said.getServerErrorMessage();
            String routine = details == null ? null : details.getRoutine();
            return routine == null || FINDING_SLOT_OR_PUBLICATION.contains(routine);
        }
    }
}
