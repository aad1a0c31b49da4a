package ai.flameup.sync.state.directory;

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
import java.util.List;
import java.util.PriorityQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests in flight, in the file {@code in-flight} of the state directory. It is written before each request and
 * after its answer, which is too often for the store. The file is mapped into memory, so that a write costs almost nothing
 * and survives the end of the process, whatever the cause. A loss of power may lose the newest entries. Until the machine
 * has restarted, those requests have been applied or lost.
 *
 * <p>For one thread of the process that holds the {@link StateDirectory}.
 *
 * <p>The file starts with a magic number and the longest time that an entry is kept, in milliseconds. Entries follow:
 * person, state, address, and the end of its time by the wall clock, in milliseconds since the epoch; 0 for a free entry.
 */
public final class InFlightFile {
    /**
     * The request of one person.
     *
     * @param address 0 for none
     */
    public record Entry(int person, int state, long address) {}

    /**
     * An entry that a previous process left.
     *
     * @param remaining how long the request may still be applied; positive
     */
    public record Unanswered(Entry entry, Duration remaining) {}

    private static final Logger LOG = LoggerFactory.getLogger(InFlightFile.class);
    private static final long MAGIC = 0x666c616d65757031L;
    private static final int HEADER = 16;
    private static final int SIZE = 24;
    private static final int STATE = 4;
    private static final int ADDRESS = 8;
    private static final int ENDS = 16;
    private static final int FIRST_CAPACITY = 1_024;

    private final Path file;
    private final Duration kept;
    private final List<Unanswered> unanswered = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final PriorityQueue<Late> late = new PriorityQueue<>(Comparator.comparingLong(Late::nanoTime));
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
    public InFlightFile(Path directory, Duration kept) {
        this.file = directory.resolve("in-flight");
        this.kept = kept;
        try (FileChannel channel = StateFiles.open(file, StandardOpenOption.READ)) {
            boolean isValid = channel.size() >= offset(0) && map(channel).getLong(0) == MAGIC;
            if (!isValid) {
                if (channel.size() > 0) {
                    LOG.warn(
                            "In-flight file damaged, late writes of a previous process will not be corrected: file={}",
                            file);
                }
                channel.truncate(0);
            }
            this.entries = grown(channel, Math.max(FIRST_CAPACITY, capacity(channel)));
        } catch (IOException e) {
            throw cannotBeUsed(e);
        }
        long longest = readEntries(entries.getLong(Long.BYTES), System.currentTimeMillis());
        entries.putLong(0, MAGIC).putLong(Long.BYTES, Math.max(longest, kept.toMillis()));
    }

    /**
     * @param longest the limit of every entry: a clock that was set back must not extend it
     * @return the longest remaining time
     */
    private long readEntries(long longest, long now) {
        long longestRemaining = 0;
        free.clear();
        for (int number = 0; number < capacity; number++) {
            int offset = offset(number);
            long remaining = Math.min(entries.getLong(offset + ENDS) - now, longest);
            if (remaining > 0) {
                Entry entry = new Entry(
                        entries.getInt(offset), entries.getInt(offset + STATE), entries.getLong(offset + ADDRESS));
                unanswered.add(new Unanswered(entry, Duration.ofMillis(remaining)));
                keep(number, Duration.ofMillis(remaining));
                longestRemaining = Math.max(longestRemaining, remaining);
            } else {
                free.add(number);
            }
        }
        return longestRemaining;
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
        entries.putInt(offset, entry.person())
                .putInt(offset + STATE, entry.state())
                .putLong(offset + ADDRESS, entry.address());
        VarHandle.releaseFence();
        entries.putLong(offset + ENDS, System.currentTimeMillis() + kept.toMillis());
        return number;
    }

    /** Removes an entry. */
    public void answered(int number) {
        entries.putLong(offset(number) + ENDS, 0);
        free.push(number);
    }

    /** Keeps an entry for its time. */
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
        while (!late.isEmpty() && late.element().nanoTime <= now) {
            answered(late.remove().number);
        }
        if (free.isEmpty()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                entries = grown(channel, 2 * capacity);
            } catch (IOException e) {
                throw cannotBeUsed(e);
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

    private Fault cannotBeUsed(IOException e) {
        return new Fault(
                ExitCode.STORE,
                "%s cannot be used: %s; %s".formatted(file, StateFiles.reason(e), StateDirectory.REMEDY),
                e);
    }
}
