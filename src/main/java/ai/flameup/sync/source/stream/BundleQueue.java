package ai.flameup.sync.source.stream;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The bundles between the thread that reads the stream and the engine's thread, limited in bytes. A message with the
 * bundle's number takes the way of all records through Debezium, so that the order relative to them is kept. One instance
 * for each run of the engine. Thread-safe.
 */
final class BundleQueue {
    private static final long MAX_BYTES = 4 << 20;

    private final String prefix;
    private final long maxBytes;
    private final Queue<RowBundle> bundles = new ArrayDeque<>();
    /** Of all bundles that the listener has not taken yet. */
    private long bytes;

    private long takenBytes;
    private long added;
    private long taken;

    /** @param run a secret: every role that can connect can write messages, with every prefix */
    BundleQueue(String run) {
        this(run, MAX_BYTES);
    }

    BundleQueue(String run, long maxBytes) {
        this.prefix = "flameup-sync-rows " + run;
        this.maxBytes = maxBytes;
    }

    /** Returns the prefix of the messages that stand for bundles. */
    String prefix() {
        return prefix;
    }

    /** Waits while the queue is full, and returns the number of the bundle. A bundle larger than the limit fits alone. */
    synchronized long add(RowBundle bundle) throws InterruptedException {
        while (bytes > 0 && bytes + bundle.bytes() > maxBytes) {
            wait();
        }
        bytes += bundle.bytes();
        bundles.add(bundle);
        return ++added;
    }

    /** Removes the next bundle. Its bytes count until {@link #delivered}. */
    synchronized RowBundle take(long number) {
        RowBundle bundle = bundles.poll();
        if (bundle == null || number != ++taken) {
            throw new IllegalStateException("the rows of bundle %s are missing".formatted(number));
        }
        takenBytes += bundle.bytes();
        return bundle;
    }

    /** Reports that the listener has taken the rows of all bundles that were removed. */
    synchronized void delivered() {
        bytes -= takenBytes;
        takenBytes = 0;
        notifyAll();
    }
}
