package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.slot.RetainedWal;
import ai.flameup.sync.state.RunHistory;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of a state directory for other processes than its run. During a run, it is what the run has written last.
 * Otherwise it says how the last run ended, with what the store and the server show now. Immutable.
 *
 * @param document as {@link StatusJson} makes it
 * @param isAtWork whether a run holds the directory
 * @param lastRun the last run that has ended; empty if there is none, or no store
 */
public record LastStatus(JsonNode document, boolean isAtWork, Optional<RunHistory.EndedRun> lastRun) {
    private static final Logger LOG = LoggerFactory.getLogger(LastStatus.class);
    private static final long SERVER_SECONDS = 4;
    /** A run writes its status at least every ten seconds. A run that has not for this long hangs. */
    private static final Duration HANGS = Duration.ofMinutes(1);

    private static final String RUN = "To start it, run `flameup-sync run`.";
    private static final String KILLED = "the run was killed, or the machine went down";

    /**
     * @param postgres the server to query for the retained WAL; null to query none
     * @throws Fault 8 if the directory or its store cannot be read
     */
    public static LastStatus of(Path directory, @Nullable PostgresSettings postgres) {
        Optional<String> holder = Files.isDirectory(directory) ? StateDirectory.holder(directory) : Optional.empty();
        boolean atWork = holder.isPresent();
        Optional<StatusDocument> written = StatusDocument.read(StatusFile.in(directory));
        Optional<StatusDocument> own =
                written.filter(document -> holder.filter(document.pid()::equals).isPresent());
        own.ifPresent(document -> haltIfOld(document, directory));
        if (!StateStore.isAt(directory)) {
            StatusDocument document = own.orElseGet(() -> neverStarted(directory, postgres));
            return new LastStatus(document.json(), atWork, Optional.empty());
        }
        try (StateStore store = StateStore.openShared(directory)) {
            Optional<RunHistory.EndedRun> last = store.runs().last();
            StatusDocument document = own.orElseGet(() -> stopped(store, written, last, atWork, postgres));
            return new LastStatus(document.json(), atWork, last);
        } catch (Fault unreadable) {
            if (written.isEmpty() || unreadable.exitCode() != ExitCode.STORE) {
                throw unreadable;
            }
            if (!atWork) {
                // The unreadable store may be what prevents the run.
                written.get().halt(Remedies.trouble(unreadable));
            }
            return new LastStatus(written.get().json(), atWork, Optional.empty());
        }
    }

    private static void haltIfOld(StatusDocument written, Path directory) {
        Instant at = written.at();
        if (Duration.between(at, Instant.now()).compareTo(HANGS) > 0) {
            String reason =
                    "the process (pid %s) has not written a status since %s, when its state was %s: it hangs, or cannot write to %s"
                            .formatted(written.pid(), at, written.state(), directory);
            written.halt(
                    new StatusInputs.Trouble(reason, "To see what does not work, run `flameup-sync doctor`.", true));
        }
    }

    private static StatusDocument neverStarted(Path directory, @Nullable PostgresSettings postgres) {
        StatusInputs.Trouble why = new StatusInputs.Trouble("the job was never started with " + directory, RUN, false);
        Status status = status(
                new Ending(State.STOPPED, why, Instant.now()),
                StoreSummary.NOTHING,
                ServerView.NOTHING,
                SettingsFile.MAX_RETAINED_WAL,
                null);
        return StatusDocument.withoutRun(status, postgres);
    }

    private static StatusDocument stopped(
            StateStore store,
            Optional<StatusDocument> written,
            Optional<RunHistory.EndedRun> last,
            boolean atWork,
            @Nullable PostgresSettings postgres) {
        ServerView server = postgres == null ? ServerView.NOTHING : server(postgres);
        long limit = written.map(StatusDocument::retainedLimit).orElse(SettingsFile.MAX_RETAINED_WAL);
        Status status = status(
                Ending.of(written, last, atWork, server),
                StoreSummary.read(store),
                server,
                limit,
                store.position().orElse(null));
        StatusDocument document = StatusDocument.withoutRun(status, postgres);
        written.ifPresent(lastRun -> document.keep(lastRun, server.isKnown()));
        return document;
    }

    /** How the last run ended, or that a new one has not reported yet. */
    private record Ending(State state, StatusInputs.Trouble why, Instant since) {
        static Ending of(
                Optional<StatusDocument> written,
                Optional<RunHistory.EndedRun> last,
                boolean atWork,
                ServerView server) {
            Instant since = last.map(RunHistory.EndedRun::at).orElseGet(Instant::now);
            if (atWork) {
                return new Ending(
                        State.STARTING, new StatusInputs.Trouble("the job has just started", null, false), since);
            }
            if (written.isEmpty()) {
                String reason = last.map(run -> "the last run ended with exit code " + run.exitCode())
                        .orElse(KILLED);
                return new Ending(State.STOPPED, new StatusInputs.Trouble(reason, RUN, false), since);
            }
            StatusDocument document = written.get();
            if (document.hasEnded()) {
                return new Ending(document.isHalted() ? State.HALTED : State.STOPPED, document.trouble(), since);
            }
            if (document.isHalted()) {
                return new Ending(State.HALTED, document.trouble().and(KILLED), document.at());
            }
            String reason = KILLED
                    + ", while its state was %s".formatted(document.state())
                    + (server.wal("", 0).isSlotGone() ? "" : ". Nothing is lost: the next run resumes from there");
            return new Ending(State.STOPPED, new StatusInputs.Trouble(reason, RUN, false), document.at());
        }
    }

    private static Status status(
            Ending ending, StoreSummary stored, ServerView server, long retainedLimit, @Nullable Lsn position) {
        Instant now = Instant.now();
        Status.Wal wal = server.wal("", retainedLimit);
        Counters none = new Counters();
        return Estimates.possible(new Status(
                now,
                new Status.Health(
                        ending.state(),
                        ending.since(),
                        false,
                        new Status.Advice(ending.why().reason(), ending.why().remedy()),
                        Notices.of(stored, none, wal, server.isKnown())),
                new Status.Job(
                        new Status.Instance(null, Version.current(), 0, "", now), new Status.Route("", ""), null, null),
                new Status.Source(
                        null,
                        new Status.Lag(null, server.lagBytes(position)),
                        wal,
                        stored.deferred(new Speed(), null),
                        stored.backfills(null, new BackfillSpeed(), null)),
                new Status.Delivery(
                        new Status.Work(0, null, 0, null, null),
                        none.totals(),
                        new Status.Rates(0, 0),
                        null,
                        new Status.Unresolved(stored.deadLetters(), stored.sharedEmails()))));
    }

    /** What the server shows; nothing if it does not answer within a few seconds. */
    private static ServerView server(PostgresSettings postgres) {
        CompletableFuture<RetainedWal> answer = CompletableFuture.supplyAsync(() -> {
            try (Database database = Database.readOnly(postgres)) {
                database.reach();
                return RetainedWal.read(database);
            }
        });
        try {
            return new ServerView(answer.get(SERVER_SECONDS, TimeUnit.SECONDS), Instant.now());
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("The server does not show the retained WAL", e);
            return ServerView.NOTHING;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ServerView.NOTHING;
        }
    }
}
