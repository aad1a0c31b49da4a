package ai.flameup.sync.ops;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.config.JobSettings;
import ai.flameup.sync.config.OnSlotLost;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SourceSettings;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.job.DeliveryRecorder;
import ai.flameup.sync.job.RunOptions;
import ai.flameup.sync.job.SyncJob;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.pipeline.RefusalPolicy;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.status.Counters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reports what a finite run would send, without sending it. It is a real run over a copy of the store, with an API that
 * accepts everything, and a slot that is not acknowledged. Before the first start there is no slot to read, and every
 * row would be sent. {@link #run} is called once; {@link #stop} may be called from any thread at any time.
 */
public final class DryRun {
    private static final int ALL = Integer.MAX_VALUE;

    private final Settings settings;
    private final RunOptions options;
    private final Consumer<PersonUpsert> taker;
    private final Counters counters = new Counters();
    private final RefusalPolicy refusals;
    private volatile boolean stopped;
    private volatile Runnable stop = () -> {};

    /**
     * @param taker takes each person in the order of the requests; called by one thread at a time; must not throw
     */
    public DryRun(Settings settings, Duration stallTimeout, Duration deadline, Consumer<PersonUpsert> taker) {
        this.settings = settings;
        this.options = new RunOptions(true, stallTimeout, deadline, true);
        this.taker = taker;
        this.refusals = new RefusalPolicy(settings.pipeline().haltWhenRejected(), false);
    }

    /** The number of persons that would be parked. To be called after the run. */
    public long parked() {
        return counters.parked();
    }

    /** Ends the run soon. */
    public void stop() {
        stopped = true;
        stop.run();
    }

    /**
     * @return the exit code that the run would have if the API accepted everything
     * @throws ai.flameup.sync.fault.Fault that would end the run; 9 if too many rows cannot be sent
     */
    public ExitCode run() {
        try {
            Path copy = Files.createTempDirectory("flameup-sync-dry-run-");
            try {
                boolean begun =
                        StateStore.isAt(settings.stateDirectory()) && StateStore.copy(settings.stateDirectory(), copy);
                return begun ? run(copy) : firstStart();
            } finally {
                delete(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ExitCode run(Path copy) {
        SyncJob job = new SyncJob(withCopy(copy), options, counters, new Sender());
        stop = job::stop;
        if (stopped) {
            job.stop();
        }
        return job.run();
    }

    private Settings withCopy(Path copy) {
        PipelineSettings pipeline = settings.pipeline();
        return new Settings(
                settings.origin(),
                // A dry run changes nothing but the copy.
                new SourceSettings(settings.postgres(), settings.maxRetainedWal(), OnSlotLost.STOP),
                settings.flameup(),
                settings.mapping(),
                new JobSettings(
                        copy,
                        new PipelineSettings(
                                new PipelineSettings.Requests(
                                        pipeline.maxInFlight(),
                                        PipelineSettings.Batch.NEVER,
                                        pipeline.requestTimeout(),
                                        PipelineSettings.UNLIMITED),
                                pipeline.refusals(),
                                pipeline.skipUnchanged(),
                                PipelineSettings.Deferral.NEVER),
                        settings.firstLoad(),
                        new ObserveSettings(null, null)));
    }

    private ExitCode firstStart() {
        if (!settings.firstLoad()) {
            return ExitCode.DONE;
        }
        try (CurrentRows rows = CurrentRows.open(settings.postgres(), settings.mapping(), true)) {
            for (List<MappedRow> page = rows.next(null, ALL);
                    !page.isEmpty() && !stopped;
                    page = rows.next(page.get(page.size() - 1).key(), ALL)) {
                page.forEach(this::handle);
            }
        }
        return stopped ? ExitCode.TRY_LATER : counters.parked() > 0 ? ExitCode.ATTENTION : ExitCode.DONE;
    }

    private void handle(MappedRow row) {
        if (row.mapped() instanceof Mapped.Upsert upsert) {
            refusals.personAccepted();
            taker.accept(upsert.person());
            return;
        }
        if (row.mapped() instanceof Mapped.Outside) {
            return;
        }
        String reason =
                row.mapped() instanceof Mapped.Unmappable unmappable ? unmappable.reason() : "the row is incomplete";
        if (!refusals.mayPark()) {
            throw DeliveryRecorder.tooMany(new Outcome.Rejected(0, reason, null));
        }
        counters.parkedOne();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            // In reverse order, because a directory must be empty.
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Called only by the pipeline's thread. */
    private final class Sender implements PeopleSender {
        @Override
        public void upsert(PersonUpsert person, Consumer<Response> done) {
            taker.accept(person);
            done.accept(new Response(new Outcome.Accepted(Set.of()), null));
        }

        @Override
        public void batch(List<PersonUpsert> persons, Consumer<Response> done) {
            throw new IllegalStateException("a dry run has no batches");
        }
    }
}
