package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.fence.Fence;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.slot.RenameGuard;
import ai.flameup.sync.source.slot.Slot;
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
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the Debezium engine, from the stored position until it is stopped or fails. The engine's thread calls the
 * listener. A listener that blocks delays only the stream.
 */
public final class ChangeStream {
    /** Takes the stream's events in their order. */
    public interface Listener {
        void accept(List<StreamEvent> events) throws InterruptedException;
    }

    /** What a stream reads. */
    public record Source(Database database, Table table, Fence fence, Markers markers, Slot slot) {}

    /**
     * Where the stream's events go.
     *
     * @param stored returns the position that the store has committed: where the stream begins, and later up to where the
     *     slot may be acknowledged. Called repeatedly; must never decrease
     * @param gap stores a gap that only a stream shows, and returns it
     */
    public record Sink(Supplier<Lsn> stored, UnaryOperator<Fault> gap, Listener listener) {}

    private static final Logger LOG = LoggerFactory.getLogger(ChangeStream.class);

    /** A record may stand for many rows. */
    private static final int MAX_EVENTS = 2_048;

    private final Source source;
    private final Sink sink;
    private final String run = UUID.randomUUID().toString();
    private final RenameGuard names;
    private final RecordDecoder decoder;
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Lsn acknowledged;
    /** What the guard, the decoder or the listener threw, because the engine would only report it in its own words. */
    private volatile @Nullable RuntimeException ownFailure;

    public ChangeStream(Source source, Sink sink) {
        Table table = source.table();
        PostgresSettings settings = source.database().settings();
        this.source = source;
        this.sink = sink;
        this.names = new RenameGuard(source.database(), sink.gap());
        BundleQueue bundles = new BundleQueue(run);
        this.decoder = new RecordDecoder(
                table, source.fence(), source.markers(), bundles, sink.stored().get());
        StoredOffsets.publish(run, sink.stored());
        TextConnectorTask.publish(
                run,
                new TextConnectorTask.Run(
                        settings.name(),
                        table.watched().stream().map(WatchedTable::oid).collect(Collectors.toSet()),
                        this::checkName,
                        connection -> new BundlingConnection(
                                connection,
                                this::checkSlot,
                                () -> new Bundler(new ChangeReader(source.database(), table), bundles))));
        EngineConnections.publish(run, settings);
        this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(EngineSettings.of(settings, run, bundles.prefix()))
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
     * @throws RuntimeException the exception of the guard, the listener or the decoder, unchanged
     * @throws Fault 7 if the slot is gone, or begins after the position
     * @throws StreamFailure if the engine fails. Delivered events stay valid, and a new stream continues after the
     *     stored position
     */
    public void run() throws StreamFailure {
        try {
            engine.run();
        } finally {
            StoredOffsets.withdraw(run);
            TextConnectorTask.withdraw(run);
            EngineConnections.withdraw(run);
            ended.countDown();
        }
        RuntimeException ours = ownFailure;
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
        List<StreamEvent> events = new ArrayList<>();
        for (RecordChangeEvent<SourceRecord> record : records) {
            try {
                decoder.decode(record.record(), events::add);
            } catch (RuntimeException ours) {
                ownFailure = ours;
                throw ours;
            }
            if (events.size() >= MAX_EVENTS) {
                deliver(events);
                acknowledge(record, committer);
                events = new ArrayList<>();
            }
        }
        deliver(events);
        acknowledge(records.get(0), committer);
    }

    private void deliver(List<StreamEvent> events) throws InterruptedException {
        try {
            sink.listener().accept(events);
            decoder.batchDelivered();
        } catch (RuntimeException ours) {
            ownFailure = ours;
            throw ours;
        }
    }

    private void checkName(int oid, TableName name) {
        keepFailure(() -> names.check(oid, name));
    }

    private void checkSlot() {
        keepFailure(() -> source.slot().watch(sink.stored()));
    }

    private void keepFailure(Runnable check) {
        try {
            check.run();
        } catch (RuntimeException ours) {
            ownFailure = ours;
            throw ours;
        }
    }

    /** Acknowledges what the store has committed, which may be less than what was delivered. */
    private void acknowledge(
            RecordChangeEvent<SourceRecord> any, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        Lsn position = sink.stored().get();
        if (!position.equals(acknowledged)) {
            DebeziumEngine.Offsets marked = committer.buildOffsets();
            marked.set(StoredOffsets.LSN, position.value());
            marked.set(StoredOffsets.COMMIT, position.value());
            committer.markProcessed(any, marked);
            acknowledged = position;
        }
        committer.markBatchFinished();
    }

    /** Stops the stream and waits for its end. {@link #run} must have been called, or must be about to be called. */
    public void stop() throws InterruptedException {
        do {
            try {
                engine.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (IllegalStateException e) {
                // The engine is just starting or already ending. Retry until it has ended.
                LOG.debug("The engine cannot be closed yet: {}", e.getMessage());
            }
        } while (!ended.await(50, TimeUnit.MILLISECONDS));
    }

    /** The engine failed: the connection to Postgres was lost, or it reported another error. */
    public static final class StreamFailure extends Exception {
        /** What a decoder throws for unexpected content. A lost connection causes none of these. */
        private static final List<Class<? extends RuntimeException>> UNREADABLE = List.of(
                ArithmeticException.class,
                ClassCastException.class,
                DateTimeException.class,
                IllegalArgumentException.class,
                IndexOutOfBoundsException.class,
                NullPointerException.class);

        /** Routines of the server; the same in PostgreSQL 14 to 18. */
        private static final Set<String> FINDING_SLOT_OR_PUBLICATION =
                Set.of("ReplicationSlotAcquire", "get_publication_oid", "GetPublicationByName");

        StreamFailure(Throwable cause) {
            super(cause);
        }

        /** Returns the message of the innermost cause in one line. */
        public String reason() {
            Throwable root = root();
            String message = root.getMessage();
            if (root instanceof EOFException) {
                return "the server closed the connection";
            }
            // The message of a value's error quotes the value, which may be personal data.
            return message == null || message.isBlank() || isUnreadable()
                    ? root.getClass().getSimpleName()
                    : message.lines()
                            .findFirst()
                            .orElseThrow()
                            // The engine's own words before the server's message.
                            .replaceFirst("^.*(?=FATAL: )", "")
                            .replaceFirst("[.]$", "");
        }

        /** Whether something in the stream cannot be decoded, so that a retry fails again. */
        public boolean isUnreadable() {
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
         * Whether the slot is missing, or the publication was missing at the time of a change, which the stream cannot pass.
         * Recognized by SQLSTATE and routine, because messages are localized. If the server names no routine, SQLSTATE
         * alone decides.
         */
        public boolean isPublicationMissing() {
            if (!(root() instanceof PSQLException error)
                    || !PSQLState.UNDEFINED_OBJECT.getState().equals(error.getSQLState())) {
                return false;
            }
            ServerErrorMessage details = error.getServerErrorMessage();
            String routine = details == null ? null : details.getRoutine();
            return routine == null || FINDING_SLOT_OR_PUBLICATION.contains(routine);
        }
    }
}
