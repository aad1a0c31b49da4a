package ai.flameup.sync.state;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in flight, in a file of its own beside the store, {@code in-flight}: it is written before each request and
 * again after its answer, which the store could not bear. It is mapped into memory, so that a write costs next to
 * nothing and outlives the process whichever way that ends. The machine's power may take the newest of it; by the time
 * that a machine is up again, what was in flight has long been applied or lost.
 *
 * <p>For one thread, and for whoever holds the {@link StateDirectory}.
 *
 * <p>The file has a magic number and the longest time that an entry is kept, in milliseconds; then entries of person,
 * state, address, and when it ends by the wall clock, in milliseconds of the epoch, which is 0 for none.
 */
public final class InFlightFile {
    /**
     * One person's request.
     *
     * @param address 0 for none
     */
    public record Entry(int person, int state, long address) {}

    /**
     * An entry that nobody has taken away.
     *
     * @param remaining for how long it is of interest; positive
     */
    public record Left(Entry entry, Duration remaining) {}

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
    private final List<Left> left = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final PriorityQueue<Late> late = new PriorityQueue<>(Comparator.comparingLong(Late::nanoTime));
    private final long start = System.nanoTime();
    private int capacity;
    private MappedByteBuffer entries;

    /**
     * @param nanoTime since {@link #start}, when its number is free again
     */
    private record Late(int number, long nanoTime) {}

    /**
     * Finds what former processes left, and keeps it for its time.
     *
     * @param kept for how long an entry is of interest after {@link #sent}
     * @throws Fault with {@link ExitCode#STORE} if the file cannot be read or written
     */
    public InFlightFile(Path directory, Duration kept) {
        this.file = directory.resolve("in-flight");
        this.kept = kept;
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            boolean isOurs = channel.size() >= offset(0) && map(channel).getLong(0) == MAGIC;
            if (!isOurs) {
                if (channel.size() > 0) {
                    LOG.warn("{} is damaged: requests of a former process that come late are not put right", file);
                }
                channel.truncate(0);
            }
            this.entries = grown(channel, Math.max(FIRST_CAPACITY, capacity(channel)));
        } catch (IOException e) {
            throw cannotBeUsed(e);
        }
        long longest = takeUp(entries.getLong(Long.BYTES), System.currentTimeMillis());
        entries.putLong(0, MAGIC).putLong(Long.BYTES, Math.max(longest, kept.toMillis()));
    }

    /**
     * @param longest that any of it may last: a clock that was set back must not make it more
     * @return how long any of it lasts
     */
    private long takeUp(long longest, long now) {
        long lasts = 0;
        free.clear();
        for (int number = 0; number < capacity; number++) {
            int offset = offset(number);
            long remaining = Math.min(entries.getLong(offset + ENDS) - now, longest);
            if (remaining > 0) {
                Entry entry = new Entry(
                        entries.getInt(offset), entries.getInt(offset + STATE), entries.getLong(offset + ADDRESS));
                left.add(new Left(entry, Duration.ofMillis(remaining)));
                keep(number, Duration.ofMillis(remaining));
                lasts = Math.max(lasts, remaining);
            } else {
                free.add(number);
            }
        }
        return lasts;
    }

    /** What former processes left, when this was opened. */
    public List<Left> left() {
        return List.copyOf(left);
    }

    /**
     * @return what to call {@link #answered} or {@link #late} with
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

    /** Nobody needs to know of it any more. */
    public void answered(int number) {
        entries.putLong(offset(number) + ENDS, 0);
        free.push(number);
    }

    /** It is kept for its time. */
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

    /** With room for so many. The zeros are written: a file with holes fails in the middle of a write on a full disk. */
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
                "%s cannot be used: %s; %s".formatted(file, StoreFaults.reason(e), StateDirectory.REMEDY),
                e);
    }
}
