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
import ai.flameup.sync.state.StateDirectory;
import ai.flameup.sync.state.StateStore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of a state directory, for who is not the run: what that has written last, or, where none is at work, how the
 * last one ended, with what the store and the server show now. Immutable.
 *
 * @param document as {@link StatusJson} makes it
 * @param isAtWork whether a run holds the directory
 * @param lastRun the last one that has ended, where there is a store
 */
public record LastStatus(JsonNode document, boolean isAtWork, Optional<StateStore.EndedRun> lastRun) {
    private static final Logger LOG = LoggerFactory.getLogger(LastStatus.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long SERVER_SECONDS = 4;
    /** A run writes its status every ten seconds at least; one that has not for so long hangs. */
    private static final Duration HANGS = Duration.ofMinutes(1);

    private static final String LIMIT = "max_retained_wal_bytes";
    private static final String DOCTOR = "flameup-sync doctor";
    /** What nobody has told before the first run. */
    private static final List<String> OF_A_RUN =
            List.of("source", "destination", "slot", LIMIT, "pid", "mode", "started_at");
    /** What the run of then knew and is true still, or was the last that is known. */
    private static final List<String> KEPT = List.of(
            "source",
            "destination",
            "people",
            "slot",
            "slot_status",
            "retained_wal_bytes",
            LIMIT,
            "max_slot_wal_keep_bytes",
            "waiting",
            "delivered_total",
            "requests_total",
            "saved_unchanged_total",
            "saved_replaced_total",
            "retries_total",
            "parked_total",
            "emails_held_total",
            "last_delivered_at",
            "last_success_at",
            "oldest_waiting_at",
            "version",
            "pid",
            "mode",
            "started_at",
            "exit_code");

    /**
     * @param postgres where the server may be asked, if that is known
     * @throws Fault 8 where the directory or its store cannot be read
     */
    public static LastStatus of(Path directory, @Nullable PostgresSettings postgres) {
        boolean there = Files.isDirectory(directory);
        Optional<String> holder = there ? StateDirectory.holder(directory) : Optional.empty();
        boolean atWork = holder.isPresent();
        JsonNode written = written(StatusFile.in(directory));
        boolean itsOwn = holder.filter(written.path("pid").asText()::equals).isPresent();
        if (itsOwn && written instanceof ObjectNode document) {
            tellIfOld(document, directory);
        }
        if (!StateStore.isAt(directory)) {
            return new LastStatus(itsOwn ? written : never(directory, postgres), atWork, Optional.empty());
        }
        try (StateStore store = StateStore.openBeside(directory)) {
            Optional<StateStore.EndedRun> last = store.lastRun();
            return itsOwn
                    ? new LastStatus(written, true, last)
                    : new LastStatus(stopped(store, written, last, atWork, postgres), atWork, last);
        } catch (Fault unreadable) {
            if (written instanceof ObjectNode document && unreadable.exitCode() == ExitCode.STORE) {
                return new LastStatus(withoutStore(document, unreadable, atWork), atWork, Optional.empty());
            }
            throw unreadable;
        }
    }

    private static void tellIfOld(ObjectNode written, Path directory) {
        Instant at = Instant.parse(written.path("at").asText());
        if (Duration.between(at, Instant.now()).compareTo(HANGS) > 0) {
            String reason =
                    "the process (pid %s) has written no status since %s, when it was %s: it hangs, or cannot write into %s"
                            .formatted(
                                    written.path("pid").asText(),
                                    at,
                                    written.path("state").asText(),
                                    directory);
            halt(written, new StatusInputs.Trouble(reason, DOCTOR, true));
        }
    }

    private static void halt(ObjectNode written, StatusInputs.Trouble why) {
        written.put("state", State.HALTED.word());
        written.put("reason", why.reason());
        written.put("remedy", why.remedy());
        written.put("ready", false);
    }

    /** The store may be what keeps the run from working. */
    private static JsonNode withoutStore(ObjectNode written, Fault unreadable, boolean atWork) {
        if (!atWork) {
            halt(written, Remedies.trouble(unreadable));
        }
        return written;
    }

    private static JsonNode written(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return MissingNode.getInstance();
        } catch (IOException e) {
            throw new Fault(
                    ExitCode.STORE,
                    "%s cannot be read (%s); ask as the user that runs flameup-sync"
                            .formatted(file, e.getClass().getSimpleName()),
                    e);
        }
    }

    private static JsonNode never(Path directory, @Nullable PostgresSettings postgres) {
        StatusInputs.Trouble why =
                new StatusInputs.Trouble("it was never started with " + directory, "flameup-sync run", false);
        return document(
                status(State.STOPPED, why, Instant.now(), StoreSummary.NOTHING, null, SettingsFile.MOST_RETAINED),
                postgres);
    }

    private static ObjectNode document(Status status, @Nullable PostgresSettings postgres) {
        ObjectNode document = (ObjectNode) StatusJson.of(status);
        OF_A_RUN.forEach(document::putNull);
        if (postgres != null) {
            document.put("source", Monitor.source(postgres));
            document.put("slot", postgres.slot());
        }
        return document;
    }

    private static JsonNode stopped(
            StateStore store,
            JsonNode written,
            Optional<StateStore.EndedRun> last,
            boolean atWork,
            @Nullable PostgresSettings postgres) {
        boolean toldItsEnd = written.path("exit_code").isNumber();
        State state =
                toldItsEnd && written.path("state").asText().equals(State.HALTED.word()) ? State.HALTED : State.STOPPED;
        Instant since = last.map(StateStore.EndedRun::at).orElseGet(Instant::now);
        StatusInputs.Trouble why;
        if (atWork) {
            state = State.STARTING;
            why = new StatusInputs.Trouble("it has only just started", null, false);
        } else if (toldItsEnd) {
            why = new StatusInputs.Trouble(
                    written.path("reason").asText(), written.path("remedy").textValue(), false);
        } else if (written.isMissingNode()) {
            why = new StatusInputs.Trouble(
                    last.map(run -> "it ended with exit code " + run.exitCode())
                            .orElse("it was killed, or its machine went down"),
                    "flameup-sync run",
                    false);
        } else {
            since = Instant.parse(written.path("at").asText());
            why = new StatusInputs.Trouble(
                    "it was killed, or its machine went down, while it was %s; nothing is lost: the next run goes on from there"
                            .formatted(written.path("state").asText()),
                    "flameup-sync run",
                    false);
        }
        RetainedWal watch = postgres == null ? null : server(postgres);
        long limit = written.path(LIMIT).asLong(SettingsFile.MOST_RETAINED);
        ObjectNode document = document(status(state, why, since, StoreSummary.look(store), watch, limit), postgres);
        KEPT.stream().filter(written::has).forEach(key -> document.set(key, written.get(key)));
        if (watch != null) {
            document.put("slot_status", watch.status());
            document.put("retained_wal_bytes", watch.bytes());
            document.put("max_slot_wal_keep_bytes", watch.serverLimit());
            document.put(
                    "lag_bytes",
                    store.position().map(position -> bytes(position, watch)).orElse(null));
        }
        return document;
    }

    private static Long bytes(Lsn position, RetainedWal watch) {
        return Math.max(0, watch.end().value() - position.value());
    }

    private static Status status(
            State state,
            StatusInputs.Trouble why,
            Instant since,
            StoreSummary stored,
            @Nullable RetainedWal watch,
            long retainedLimit) {
        Instant now = Instant.now();
        Status.Wal wal = watch == null
                ? new Status.Wal("", null, null, retainedLimit, null)
                : new Status.Wal("", watch.status(), watch.bytes(), retainedLimit, watch.serverLimit());
        return new Status(
                now,
                new Status.Health(
                        state,
                        since,
                        false,
                        new Status.Advice(why.reason(), why.remedy()),
                        Notices.of(stored, new Counters(), wal, watch != null)),
                new Status.Job(
                        new Status.Instance(Version.current(), 0, "", now), new Status.Route("", ""), null, null),
                new Status.Source(
                        null,
                        new Status.Lag(null, null),
                        wal,
                        stored.deferred(),
                        stored.backfills(null, new BackfillSpeed())),
                new Status.Delivery(
                        new Status.Work(0, 0, null, null),
                        new Status.Totals(0, 0, new Status.Requests(0, 0), new Status.Saved(0, 0), 0),
                        new Status.Rates(0, 0),
                        null,
                        stored.deadLetters()));
    }

    /** What the server shows; null where it does not answer in a few seconds. */
    private static @Nullable RetainedWal server(PostgresSettings postgres) {
        CompletableFuture<RetainedWal> look = CompletableFuture.supplyAsync(() -> {
            try (Database database = Database.readOnly(postgres)) {
                database.reach();
                return RetainedWal.look(database);
            }
        });
        try {
            return look.get(SERVER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("The server does not say what it keeps", e);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
