package ai.flameup.sync.job;

import ai.flameup.sync.backfill.ReleaseOrder;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.pipeline.DeliveryGauges;
import ai.flameup.sync.pipeline.Event;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.pipeline.RequestSender;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.InFlightFile;
import ai.flameup.sync.state.pending.Deferral;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pipeline of a run with what it sends through and stores in. Thread-safe. */
final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    static final Duration DRAIN = Duration.ofSeconds(5);

    private final StoredLedger ledger;
    /** For the stream's thread. */
    private final StoredLedger orderLedger;

    private final ReleaseOrder releaseOrder;
    private final boolean isLedgerComplete;
    private final Event.Unread unread;
    private final @Nullable Lsn droppedUntil;
    private final StoredInFlight inFlight;
    private final DeliveryRecorder recorder;
    private final Pipeline pipeline;

    /** @param settings of the pipeline, which may start on probation */
    Delivery(
            Settings job,
            PipelineSettings settings,
            RunRecords records,
            PeopleSender sender,
            DeliveryRecorder.RunEvents ends) {
        this.ledger = new StoredLedger(records.store());
        this.orderLedger = new StoredLedger(records.store());
        this.releaseOrder = new ReleaseOrder(orderLedger);
        this.isLedgerComplete = records.store().wasClosed();
        this.unread = unread(records.store());
        this.droppedUntil = records.store().deferredChanges().droppedUntil().orElse(null);
        this.inFlight = new StoredInFlight(new InFlightFile(
                job.stateDirectory(),
                job.pipeline().lateFor(),
                new InFlightFile.Known(ledger.generation(), records.position())));
        this.recorder = new DeliveryRecorder(
                records.writer(),
                new RequestSender(sender, inFlight),
                records.counters(),
                records.position().get(),
                ends);
        this.pipeline = new Pipeline(settings, ledger, new Random(), recorder);
    }

    private static Event.Unread unread(StateStore store) {
        Deferral left = store.deferredChanges().summary();
        if (left.keys() > 0) {
            LOG.info("Sending changes that earlier runs deferred: keys={}, since={}", left.keys(), left.since());
            return Event.Unread.DEFERRED;
        }
        return store.searches().isEmpty() && store.deferredRows().isEmpty() ? Event.Unread.NOTHING : Event.Unread.ROWS;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    /** The order of rows that were read. */
    ReleaseOrder releaseOrder() {
        return releaseOrder;
    }

    void start() {
        pipeline.start(new Event.Started(inFlight.unanswered(), isLedgerComplete, unread, droppedUntil));
    }

    /** Why the API is unavailable; null if it is available. */
    @Nullable
    String outage() {
        return recorder.outage();
    }

    /** What stops all sending, and until when, in words; null if nothing is known to. */
    @Nullable
    String pause() {
        return recorder.pause();
    }

    /**
     * Stops sending, and waits for the requests in flight.
     *
     * @param settles whether what was received is delivered first
     * @param lastReport receives what is left
     */
    void stop(boolean settles, Consumer<DeliveryGauges> lastReport) throws InterruptedException {
        if (settles) {
            pipeline.settle(DRAIN);
        }
        pipeline.inspect(lastReport);
        pipeline.drain(DRAIN);
        pipeline.stop();
    }

    /** Call this once everything is stored. */
    void close() {
        ledger.close();
        orderLedger.close();
    }
}
