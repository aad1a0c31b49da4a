package ai.flameup.sync.status;

import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import ai.flameup.sync.source.PostgresSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A status as JSON, which a run has written or which stands for a job without one. Not thread-safe. */
final class StatusDocument {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String LIMIT = "max_retained_wal_bytes";
    /** Unknown before the first run. */
    private static final List<String> OF_A_RUN =
            List.of("source", "destination", "slot", LIMIT, "host", "pid", "mode", "started_at");
    /** What a run reported and what stays true after its end, or is the last known value. */
    private static final List<String> OF_LAST_RUN =
            List.of(("source destination people slot max_retained_wal_bytes waiting"
                            + " delivered_total requests_total saved_unchanged_total saved_replaced_total retries_total"
                            + " parked_total emails_held_total last_delivered_at last_success_at oldest_waiting_at host version pid"
                            + " mode started_at exit_code")
                    .split(" ", -1));
    /** What the server shows as well. */
    private static final List<String> OF_SERVER =
            List.of("slot_status", "retained_wal_bytes", "max_slot_wal_keep_bytes");

    private final ObjectNode json;

    private StatusDocument(ObjectNode json) {
        this.json = json;
    }

    /**
     * The document in a file; empty if there is none.
     *
     * @throws Fault 8 if the file cannot be read
     */
    static Optional<StatusDocument> read(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object
                    ? Optional.of(new StatusDocument(object))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new Fault(
                    ExitCode.STORE,
                    "%s cannot be read (%s). Run the command as the user that runs flameup-sync"
                            .formatted(file, e.getClass().getSimpleName()),
                    e);
        }
    }

    /**
     * The document of a status without a run.
     *
     * @param postgres null if the source is unknown
     */
    static StatusDocument withoutRun(Status status, @Nullable PostgresSettings postgres) {
        ObjectNode json = (ObjectNode) StatusJson.of(status);
        OF_A_RUN.forEach(json::putNull);
        if (postgres != null) {
            json.put("source", Routes.source(postgres));
            json.put("slot", postgres.slot());
        }
        return new StatusDocument(json);
    }

    JsonNode json() {
        return json;
    }

    String pid() {
        return json.path("pid").asText();
    }

    String state() {
        return json.path("state").asText();
    }

    Instant at() {
        return Instant.parse(json.path("at").asText());
    }

    /** {@code postgres.max-retained-wal} of the run, in bytes. */
    long retainedLimit() {
        return json.path(LIMIT).asLong(SettingsFile.MAX_RETAINED_WAL);
    }

    /** Whether the run has reported its end. */
    boolean hasEnded() {
        return json.path("exit_code").isNumber();
    }

    boolean isHalted() {
        return state().equals(State.HALTED.label());
    }

    /** The reason and remedy that the run has reported. */
    StatusInputs.Trouble trouble() {
        return new StatusInputs.Trouble(
                json.path("reason").asText(), json.path("remedy").textValue(), false);
    }

    void halt(StatusInputs.Trouble why) {
        json.put("state", State.HALTED.label());
        json.put("reason", why.reason());
        json.put("remedy", why.remedy());
        json.put("ready", false);
    }

    /**
     * Takes over what the last run has reported.
     *
     * @param serverKnown whether this document already shows what the server shows
     */
    void keep(StatusDocument lastRun, boolean serverKnown) {
        Stream.concat(OF_LAST_RUN.stream(), serverKnown ? Stream.empty() : OF_SERVER.stream())
                .filter(lastRun.json::has)
                .forEach(key -> json.set(key, lastRun.json.get(key)));
    }
}
