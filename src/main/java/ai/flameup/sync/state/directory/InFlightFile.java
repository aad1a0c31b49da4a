package ai.flameup.sync.state.directory;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests in flight, in the file {@code in-flight} of the state directory. It is written before each request and
 * after its answer, which is too often for the store. The file is mapped into memory, so that a write costs almost nothing
 * and survives the end of the process, whatever the cause. A loss of power may lose the newest entries. Until the machine
 * has restarted, those requests have been applied or lost.
 *
 * <p>An entry of a request that failed is kept for as long as it may be applied, and until the position has passed its state.
 * What a previous process left is kept until {@link #forget}: the API may have that state, and the ledger does not know it.
 *
 * <p>For one thread of the process that holds the {@link StateDirectory}.
 *
 * <p>The file starts with a magic number, the longest time that a request may be applied, in milliseconds, and the generation
 * of the ledger. Entries follow: person, address, position (two numbers), state, and the end of its time by the wall clock, in
 * milliseconds since the epoch; 0 for a free entry.
 */
public final class InFlightFile {
    /**
     * The request of one person.
     *
     * @param address 0 for none
     * @param position of the state; the least position if it cannot be compared
     */
    public record Entry(long person, int state, long address, Position position) {}

    /**
     * What the store knows.
     *
     * @param generation of the ledger
     * @param position returns the stored position
     */
    public record Known(int generation, Supplier<Lsn> position) {}

    /**
     * An entry that a previous process left.
     *
     * @param remaining how long the request may still be applied; zero if it cannot be applied any more
     */
    public record Unanswered(Entry entry, Duration remaining) {}

    private static final Logger LOG = LoggerFactory.getLogger(InFlightFile.class);
    private static final Position UNKNOWN = new Position(new Lsn(0), 0);
    private static final long MAGIC = 0x666c616d65757032L;
    private static final long FIRST_MAGIC = 0x666c616d65757031L;
    private static final int GENERATION = 16;
    static final int HEADER = 24;
    static final int SIZE = 48;
    private static final int ADDRESS = 8;
    private static final int RESUME_AT = 16;
    private static final int ORDINAL = 24;
    static final int ENDS = 32;
    private static final int STATE = 40;
    private static final int FIRST_CAPACITY = 1_024;

    private final Path file;
    private final Duration kept;
    private final List<Unanswered> unanswered = new ArrayList<>();
    /** The numbers of what previous processes left, by person. */
    private final Map<Long, List<Integer>> leftBy = new HashMap<>();

    private final Deque<Integer> free = new ArrayDeque<>();
    private final PriorityQueue<Late> late = new PriorityQueue<>(Comparator.comparingLong(Late::nanoTime));
    private final Supplier<Lsn> position;
    private final long start = System.nanoTime();
    private int capacity;
    private MappedByteBuffer entries;

    /** @param nanoTime since {@link #start}, when its number is free again */
    private record Late(int number, long nanoTime) {}

    /**
     * Reads what previous processes left, and keeps it for its time.
     *
     * @param kept how long a request may still be applied after {@link #sent}
     * @throws Fault with {@link ExitCode#STORE} if the file cannot be read or written
     */
    public InFlightFile(Path directory, Duration kept, Known known) {
        this.file = in(directory);
        this.kept = kept;
        this.position = known.position();
        try (FileChannel channel = StateFiles.open(file, StandardOpenOption.READ)) {
            boolean isValid = channel.size() >= offset(0) && map(channel).getLong(0) == MAGIC;
            if (!isValid) {
                if (channel.size() > 0) {
                    boolean isOlder =
                            channel.size() >= offset(0) && map(channel).getLong(0) == FIRST_MAGIC;
                    LOG.warn(
                            "In-flight file {}, late writes of a previous process will not be corrected: file={}",
                            isOlder ? "of an older version" : "damaged",
                            file);
                }
                channel.truncate(0);
            }
            this.entries = grown(channel, Math.max(FIRST_CAPACITY, capacity(channel)));
        } catch (IOException e) {
            throw cannotBeUsed(file, e);
        }
        if (entries.getLong(GENERATION) != known.generation()) {
            forgetPositions();
            entries.putLong(GENERATION, known.generation());
        }
        long longest = readEntries(entries.getLong(Long.BYTES), System.currentTimeMillis());
        entries.putLong(0, MAGIC).putLong(Long.BYTES, Math.max(longest, kept.toMillis()));
    }

    static Path in(Path directory) {
        return directory.resolve("in-flight");
    }

    /** They are of another server, or of its past. */
    private void forgetPositions() {
        for (int number = 0; number < capacity; number++) {
            write(number, UNKNOWN);
        }
    }

    /**
     * @param longest the limit of every entry: a clock that was set back must not extend it
     * @return the longest remaining time
     */
    private long readEntries(long longest, long now) {
        long longestRemaining = 0;
        free.clear();
        for (int number = 0; number < capacity; number++) {
            long ends = entries.getLong(offset(number) + ENDS);
            long remaining = Math.max(0, Math.min(ends - now, longest));
            if (ends == 0 || (remaining == 0 && isOutdated(number))) {
                entries.putLong(offset(number) + ENDS, 0);
                free.add(number);
            } else {
                Entry entry = read(number);
                unanswered.add(new Unanswered(entry, Duration.ofMillis(remaining)));
                leftBy.computeIfAbsent(entry.person(), person -> new ArrayList<>(1))
                        .add(number);
                longestRemaining = Math.max(longestRemaining, remaining);
            }
        }
        return longestRemaining;
    }

    /** Whether another entry that is left of the person has a later state, so that this one says nothing more. */
    private boolean isOutdated(int number) {
        Entry entry = read(number);
        return leftBy.getOrDefault(entry.person(), List.of()).stream()
                .anyMatch(other -> read(other).position().compareTo(entry.position()) >= 0);
    }

    private Entry read(int number) {
        int offset = offset(number);
        return new Entry(
                entries.getLong(offset),
                entries.getInt(offset + STATE),
                entries.getLong(offset + ADDRESS),
                new Position(new Lsn(entries.getLong(offset + RESUME_AT)), entries.getLong(offset + ORDINAL)));
    }

    /** Whether the position has passed the state, so that it is not needed by any later process. */
    private boolean isPassed(int number) {
        return position.get().isAfter(new Lsn(entries.getLong(offset(number) + RESUME_AT)));
    }

    private void write(int number, Position at) {
        int offset = offset(number);
        entries.putLong(offset + RESUME_AT, at.resumeAt().value()).putLong(offset + ORDINAL, at.ordinal());
    }

    /** Removes what previous processes left of a person. */
    public void forget(long person) {
        List<Integer> numbers = leftBy.remove(person);
        if (numbers != null) {
            numbers.forEach(this::answered);
        }
    }

    /** What previous processes had left when the file was opened. */
    public List<Unanswered> unanswered() {
        return List.copyOf(unanswered);
    }

    /**
     * @return the number for {@link #answered} or {@link #late}
     * @throws Fault with {@link ExitCode#STORE} if there is no room for it
     */
    public int sent(Entry entry) {
        if (free.isEmpty()) {
            makeRoom();
        }
        int number = free.remove();
        int offset = offset(number);
        entries.putLong(offset, entry.person())
                .putInt(offset + STATE, entry.state())
                .putLong(offset + ADDRESS, entry.address());
        write(number, entry.position());
        VarHandle.releaseFence();
        entries.putLong(offset + ENDS, System.currentTimeMillis() + kept.toMillis());
        return number;
    }

    /** Removes an entry. */
    public void answered(int number) {
        entries.putLong(offset(number) + ENDS, 0);
        free.push(number);
    }

    /** Keeps an entry until the position has passed its state, but not shorter than a late one. */
    public void unclear(int number) {
        entries.putLong(offset(number) + ENDS, System.currentTimeMillis());
        // The ledger may still have the hashes of the state before. They are voided with one of the next commits.
        keep(number, kept);
    }

    /** Keeps an entry for its time, and until the position has passed its state. */
    public void late(int number) {
        keep(number, kept);
    }

    private void keep(int number, Duration time) {
        late.add(new Late(number, System.nanoTime() - start + time.toNanos()));
    }

    private static int offset(int number) {
        return HEADER + number * SIZE;
    }

    private static int capacity(FileChannel channel) throws IOException {
        return (Math.toIntExact(channel.size()) - HEADER) / SIZE;
    }

    private void makeRoom() {
        long now = System.nanoTime() - start;
        List<Late> needed = new ArrayList<>();
        while (!late.isEmpty() && late.element().nanoTime <= now) {
            Late over = late.remove();
            if (isPassed(over.number)) {
                answered(over.number);
            } else {
                needed.add(over);
            }
        }
        late.addAll(needed);
        if (free.isEmpty()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                entries = grown(channel, 2 * capacity);
            } catch (IOException e) {
                throw cannotBeUsed(file, e);
            }
        }
    }

    /** Writes zeros, because a write to a sparse file fails on a full disk. */
    private MappedByteBuffer grown(FileChannel channel, int to) throws IOException {
        channel.position(channel.size());
        ByteBuffer zeros = ByteBuffer.allocate(Math.max(0, offset(to) - Math.toIntExact(channel.size())));
        while (zeros.hasRemaining()) {
            channel.write(zeros);
        }
        for (; capacity < to; capacity++) {
            free.add(capacity);
        }
        return map(channel);
    }

    private static MappedByteBuffer map(FileChannel channel) throws IOException {
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
    }

    static Fault cannotBeUsed(Path file, IOException e) {
        return new Fault(
                ExitCode.STORE,
                "%s cannot be used: %s; %s".formatted(file, StateFiles.reason(e), StateDirectory.REMEDY),
                e);
    }
}
