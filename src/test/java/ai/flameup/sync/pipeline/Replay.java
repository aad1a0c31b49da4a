package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Replays what {@link EventRecorder} has recorded: the same events and look-ups in a new state machine. */
final class Replay implements Ledger {
    private static final ActionText TEXT = new ActionText(Anonymizer.NONE);

    private final Deque<JsonNode> lookups = new ArrayDeque<>();
    private final DeliveryStateMachine machine;

    /** What one event led to, in the recording and in the replay. */
    record Step(JsonNode event, List<String> recorded, List<String> replayed) {}

    private Replay(JsonNode header) {
        PipelineSettings settings = new PipelineSettings(
                new PipelineSettings.Requests(
                        header.get("max_in_flight").asInt(),
                        Batch.valueOf(header.get("batch").asText()),
                        Duration.ofMillis(header.get("timeout").asLong()),
                        header.get("max_per_minute").asLong()),
                new PipelineSettings.Refusals(
                        header.get("halt_when_rejected").asInt(),
                        OnEmailHeld.valueOf(header.get("on_email_held").asText()),
                        header.get("on_probation").asBoolean()),
                header.get("skip_unchanged").asBoolean(),
                new PipelineSettings.Deferral(
                        Duration.ofMillis(header.get("defer_after").asLong()),
                        header.get("defer_retained_wal").asLong(),
                        header.get("defer_max_transaction").asInt()));
        this.machine = new DeliveryStateMachine(
                settings, this, new Random(header.get("seed").asLong()));
    }

    /** Replays the lines of a recording. */
    static List<Step> of(List<String> lines) throws IOException {
        ObjectMapper json = new ObjectMapper();
        Replay replay = new Replay(json.readTree(lines.get(0)));
        List<Step> steps = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            steps.add(replay.step(json.readTree(line)));
        }
        return steps;
    }

    private Step step(JsonNode line) {
        line.path("lookups").forEach(lookups::add);
        List<String> replayed = new ArrayList<>();
        for (Action action : machine.handle(event(line), line.get("at").asLong())) {
            replayed.add(TEXT.of(action));
        }
        if (!lookups.isEmpty()) {
            throw new AssertionError("not looked up in the replay: " + lookups + " at " + line);
        }
        return new Step(line, texts(line.path("actions")), replayed);
    }

    private static Event event(JsonNode line) {
        String kind = line.get("event").asText();
        return switch (kind) {
            case "Started" ->
                new Event.Started(
                        List.of(),
                        line.get("ledger_complete").asBoolean(),
                        Event.Unread.valueOf(line.get("unread").asText()),
                        line.get("dropped_until").isNull()
                                ? null
                                : new Lsn(line.get("dropped_until").asLong()));
            case "Change" ->
                new Event.Change(
                        position(line.get("position")),
                        mapped(line.get("mapped")),
                        key(line.get("key")),
                        line.get("age").asLong());
            case "Row" ->
                new Event.Row(
                        requireKey(line.get("key")),
                        mapped(line.get("mapped")),
                        Set.copyOf(texts(line.get("read_with"))));
            case "KeyChanged" ->
                new Event.KeyChanged(
                        position(line.get("position")), requireKey(line.get("from")), requireKey(line.get("to")));
            case "CommitReached" ->
                new Event.CommitReached(new Lsn(line.get("commit").asLong()));
            case "Marker" ->
                new Event.Marker(
                        line.get("marker").asText(), line.get("latest_only").asBoolean());
            case "ChunkStarted" ->
                new Event.ChunkStarted(
                        new Event.Scan(
                                line.get("scan").asLong(),
                                line.get("sends_unchanged").asBoolean(),
                                line.get("for_unsent").asBoolean(),
                                line.get("urgent").asBoolean()),
                        position(line.get("position")),
                        line.get("rows").asInt(),
                        line.get("overtaken").asInt(),
                        key(line.get("up_to")));
            case "ScanEnded" -> new Event.ScanEnded(line.get("scan").asLong());
            case "EntriesStored" -> new Event.EntriesStored(line.get("number").asLong());
            case "Answered" -> new Event.Answered(line.get("request").asLong(), answer(line));
            case "WalWritten" -> new Event.WalWritten(new Lsn(line.get("end").asLong()));
            case "NothingToRead" -> new Event.NothingToRead(line.get("number").asLong());
            case "Tick" -> Event.TICK;
            case "Drain" -> Event.DRAIN;
            default -> throw new AssertionError("an unknown event: " + kind);
        };
    }

    private static Position position(JsonNode position) {
        return new Position(new Lsn(position.get(0).asLong()), position.get(1).asLong());
    }

    private static @Nullable RowKey key(JsonNode key) {
        return key.isNull() ? null : requireKey(key);
    }

    private static RowKey requireKey(JsonNode key) {
        return new RowKey(key.asText());
    }

    private static Mapped mapped(JsonNode mapped) {
        return switch (mapped.get("kind").asText()) {
            case "Upsert" ->
                new Mapped.Upsert(
                        person(mapped),
                        mapped.get("whole").asBoolean(),
                        mapped.get("unread").asBoolean(),
                        mapped.get("deleted").asBoolean());
            case "NeedsRead" -> new Mapped.NeedsRead(null);
            case "Nothing" -> new Mapped.Nothing();
            case "Unmappable" -> new Mapped.Unmappable("", mapped.get("deleted").asBoolean());
            default -> throw new AssertionError("an unknown kind: " + mapped);
        };
    }

    private static PersonUpsert person(JsonNode mapped) {
        List<String> traits = texts(mapped.get("traits"));
        byte[][] values = traits.stream().map(Replay::trait).toArray(byte[][]::new);
        TraitNames names = new TraitNames(traits.stream().map(trait -> "trait").toList());
        JsonNode email = mapped.get("email");
        return new PersonUpsert(
                mapped.get("user").asText(),
                email.isNull() ? null : email.asText(),
                names,
                values,
                mapped.get("first").asBoolean());
    }

    private static byte @Nullable [] trait(String text) {
        return switch (text) {
            case "-" -> null;
            case "null" -> PersonUpsert.jsonNull();
            default -> text.getBytes(StandardCharsets.UTF_8);
        };
    }

    private static Response answer(JsonNode line) {
        int status = line.path("status").asInt();
        Outcome outcome =
                switch (line.get("outcome").asText()) {
                    case "Accepted" -> {
                        Set<String> users = new HashSet<>(texts(line.get("users")));
                        yield new Outcome.Accepted(users, line.get("problem").asBoolean() ? "" : null);
                    }
                    case "Failed" -> {
                        JsonNode after = line.get("retry_after");
                        yield new Outcome.Failed(
                                status,
                                "",
                                after.isNull() ? null : Duration.ofMillis(after.asLong()),
                                line.get("timed_out").asBoolean(),
                                line.get("cut").asBoolean());
                    }
                    case "Rejected" -> new Outcome.Rejected(status, "", null);
                    case "Refused" -> new Outcome.Refused(status, "", null);
                    default -> throw new AssertionError("an unknown outcome: " + line);
                };
        JsonNode quota = line.get("quota");
        return new Response(
                outcome,
                quota == null
                        ? null
                        : new RateLimit(
                                quota.get(0).asLong(),
                                quota.get(1).asLong(),
                                quota.get(2).asLong(),
                                quota.get(3).asLong()),
                line.get("unread_quota").asBoolean() ? "" : null);
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private JsonNode lookup() {
        JsonNode next = lookups.poll();
        if (next == null) {
            throw new AssertionError("looked up in the replay alone");
        }
        return next;
    }

    @Override
    public long hash(String email) {
        return lookup().asLong();
    }

    @Override
    public int[] hashes(PersonUpsert state) {
        return StreamSupport.stream(lookup().spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    @Override
    public LedgerEntry entry(String userId) {
        JsonNode entry = lookup();
        JsonNode accepted = entry.get("accepted");
        return new LedgerEntry(
                accepted.isNull() ? null : position(accepted),
                entry.get("must_repeat").asBoolean(),
                StreamSupport.stream(entry.get("addresses").spliterator(), false)
                        .mapToLong(JsonNode::asLong)
                        .toArray(),
                StreamSupport.stream(entry.get("hashes").spliterator(), false)
                        .mapToInt(JsonNode::asInt)
                        .toArray());
    }

    @Override
    public List<String> claimants(long address) {
        return texts(lookup());
    }
}
