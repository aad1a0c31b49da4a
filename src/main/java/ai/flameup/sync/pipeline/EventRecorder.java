package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Records what the state machine handles, so that a run can be replayed: one JSON object in a line for each event, with the
 * time, what the machine looked up in the store, and the actions. The first line has the seed and the settings. It holds
 * hashes in place of ids, addresses and values. Requests that an earlier process left are not recorded. For one thread.
 */
final class EventRecorder implements Ledger, AutoCloseable {
    /** The system property that names the file of a recording. */
    private static final String FILE_PROPERTY = "flameup.record-events";

    private final Writer out;
    private final Ledger ledger;
    private final long seed;
    private final Anonymizer anonymizer = Anonymizer.withRandomKey();
    private final EventText eventText = new EventText(anonymizer);
    private final ActionText actionText = new ActionText(anonymizer);
    private final ObjectMapper json = new ObjectMapper();
    private List<Object> lookups = new ArrayList<>();

    /**
     * @param seed of the random numbers that the machine draws
     * @param ledger in which the machine looks entries up
     */
    EventRecorder(Writer out, PipelineSettings settings, long seed, Ledger ledger) {
        this.out = out;
        this.ledger = ledger;
        this.seed = seed;
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("seed", seed);
        header.put("max_in_flight", settings.maxInFlight());
        header.put("batch", settings.requests().batch());
        header.put("timeout", settings.requestTimeout().toMillis());
        header.put("max_per_minute", settings.maxRequestsPerMinute());
        header.put("halt_when_rejected", settings.haltWhenRejected());
        header.put("on_email_held", settings.onEmailHeld());
        header.put("on_probation", settings.refusals().onProbation());
        header.put("skip_unchanged", settings.skipUnchanged());
        header.put("defer_after", settings.deferral().after().toMillis());
        header.put("defer_retained_wal", settings.deferral().retainedWal());
        header.put("defer_max_transaction", settings.deferral().maxTransaction());
        write(header);
    }

    /** Returns a recorder if a system property names its file, which is created or overwritten; null otherwise. */
    static @Nullable EventRecorder ifRequested(PipelineSettings settings, Ledger ledger) {
        String file = System.getProperty(FILE_PROPERTY);
        if (file == null) {
            return null;
        }
        try {
            FileChannel channel = FileChannel.open(
                    Path.of(file),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return new EventRecorder(
                    Channels.newWriter(channel, StandardCharsets.UTF_8),
                    settings,
                    new SecureRandom().nextLong(),
                    ledger);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the random numbers for the machine. */
    RandomGenerator random() {
        return new Random(seed);
    }

    /** Records an event that the machine has handled. */
    void record(Event event, long now, List<Action> actions) {
        Map<String, @Nullable Object> line = eventText.of(event);
        line.put("at", now);
        if (!lookups.isEmpty()) {
            line.put("lookups", lookups);
            lookups = new ArrayList<>();
        }
        if (!actions.isEmpty()) {
            line.put("actions", actions.stream().map(actionText::of).toList());
        }
        write(line);
    }

    private void write(Object line) {
        try {
            out.write(json.writeValueAsString(line) + "\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long hash(String email) {
        long address = ledger.hash(email);
        lookups.add(anonymizer.address(address));
        return address;
    }

    @Override
    public int[] hashes(PersonUpsert state) {
        int[] hashes = ledger.hashes(state);
        lookups.add(hashes);
        return hashes;
    }

    @Override
    public LedgerEntry entry(String userId) {
        LedgerEntry entry = ledger.entry(userId);
        Position accepted = entry.accepted();
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put(
                "accepted",
                accepted == null ? null : List.of(accepted.resumeAt().value(), accepted.ordinal()));
        line.put("must_repeat", entry.mustRepeat());
        line.put(
                "addresses",
                Arrays.stream(entry.addresses()).map(anonymizer::address).toArray());
        line.put("hashes", entry.hashes());
        lookups.add(line);
        return entry;
    }

    @Override
    public List<String> claimants(long address) {
        List<String> users = ledger.claimants(address);
        lookups.add(users.stream().map(anonymizer::text).toList());
        return users;
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
