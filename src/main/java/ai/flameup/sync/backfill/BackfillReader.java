package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.FenceContext;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.source.rows.KeyFinder;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.Backfill.State;
import ai.flameup.sync.state.Backfills;
import ai.flameup.sync.state.StateUpdate;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.status.Counters;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rows of backfills through the fence, one backfill after the other, a chunk at a time; before each it looks
 * whether somebody has paused or cancelled it. For one thread.
 */
public final class BackfillReader {
    private static final Logger LOG = LoggerFactory.getLogger(BackfillReader.class);

    private static final long FIND_MILLIS = 50;
    /** So often a condition may have ended with its connection until that is taken for its own doing. */
    private static final int MOST_BROKEN = 3;

    private final Backfills backfills;
    private final StateWriter writer;
    private final Database database;
    private final Table table;
    private final FenceContext fencing;
    private final Pipeline pipeline;
    private final Counters counters;
    /** Of all that were begun here: one that is paused goes on behind what is still on its way. */
    private final Map<Long, Reading> begun = new HashMap<>();

    private final PageSize pageSize = new PageSize();
    /** A condition may take the server an hour, and everything else is read meanwhile. */
    private final ExecutorService finder = Executors.newSingleThreadExecutor(task -> new Thread(task, "find-rows"));

    public BackfillReader(
            Backfills backfills,
            StateWriter writer,
            Database database,
            Table table,
            FenceContext fencing,
            Pipeline pipeline,
            Counters counters) {
        this.backfills = backfills;
        this.writer = writer;
        this.database = database;
        this.table = table;
        this.fencing = fencing;
        this.pipeline = pipeline;
        this.counters = counters;
    }

    /**
     * Reads the next chunk, if there is one.
     *
     * @return whether there was one
     */
    public boolean next(CountDownLatch stop) throws InterruptedException {
        Optional<Backfill> turn = backfills.open().stream()
                .filter(one -> one.state() != State.PAUSED)
                .filter(one ->
                        !begun.containsKey(one.id()) || !begun.get(one.id()).isRead())
                .findFirst();
        if (turn.isEmpty()) {
            return false;
        }
        Backfill backfill = turn.get();
        if (backfill.state() == State.QUEUED && !backfills.start(backfill.id())) {
            return true;
        }
        Reading reading = begun.computeIfAbsent(backfill.id(), id -> begin(backfill));
        try {
            reading.next(stop);
        } catch (Fault fault) {
            if (stop.getCount() == 0) {
                // Whoever is interrupted in the midst of asking the server has no answer of the server's.
                return false;
            }
            if (backfill.kind().isNeeded() || !(PostgresFailures.isOfStatement(fault) || reading.isHopeless())) {
                throw fault;
            }
            fail(backfill, fault);
            return true;
        }
        if (reading.isRead()) {
            pipeline.scanEnd(backfill.id());
        }
        return !reading.isWaiting();
    }

    /** To be called once nothing calls {@link #next} any more and its latch is down; waits until nothing is under way. */
    public void close() throws InterruptedException {
        finder.shutdown();
        while (!finder.awaitTermination(1, TimeUnit.MINUTES)) {
            LOG.debug("The server has not let a condition go yet");
        }
    }

    private Reading begin(Backfill backfill) {
        LOG.info(
                "Backfill {}, asked for by {}, {}",
                backfill.id(),
                backfill.requested().by(),
                backfill.lastKey() == null
                        ? "begins"
                        : "goes on behind " + backfill.tally().rows() + " rows");
        return backfill.kind().isByKeys() ? new ByKeys(backfill) : new WholeTable(backfill);
    }

    private void fail(Backfill backfill, Fault fault) {
        LOG.error("Backfill {} failed: {}", backfill.id(), fault.getMessage());
        counters.backfillFailedOne();
        begun.remove(backfill.id());
        writer.add(new StateUpdate.BackfillFailed(backfill.id(), Instant.now(), String.valueOf(fault.getMessage())));
        // Or the next look would still find it open.
        writer.flush();
    }

    /** Goes through the rows of one backfill. */
    private interface Reading {
        void next(CountDownLatch stop) throws InterruptedException;

        /** Whether all were read. */
        boolean isRead();

        /** Whether there is nothing to read before something else has ended. */
        default boolean isWaiting() {
            return false;
        }

        /** Whether what may pass has come too often. */
        default boolean isHopeless() {
            return false;
        }
    }

    private final class WholeTable implements Reading {
        private final Scan scan;
        private @Nullable RowKey after;
        private boolean read;

        WholeTable(Backfill backfill) {
            this.scan = new Scan(backfill.id(), database, table, fencing);
            this.after = backfill.lastKey();
        }

        @Override
        public void next(CountDownLatch stop) throws InterruptedException {
            RowKey reached = scan.next(after, stop);
            if (reached == null) {
                read = stop.getCount() > 0;
            } else {
                after = reached;
            }
        }

        @Override
        public boolean isRead() {
            return read;
        }
    }

    private final class ByKeys implements Reading {
        private final Backfill backfill;
        private final KeyLookup lookup;
        private volatile boolean found;
        private @Nullable Future<?> finding;
        /** How often its condition has ended with the connection. */
        private int broken;

        private long after;
        private boolean read;

        ByKeys(Backfill backfill) {
            this.backfill = backfill;
            this.lookup = new KeyLookup(backfill.id(), database, table, fencing);
            this.found = backfill.keys() != null;
            this.after = backfill.lastOrdinal();
        }

        @Override
        public void next(CountDownLatch stop) throws InterruptedException {
            if (!found) {
                awaitFound(stop);
                return;
            }
            List<RowKey> keys = backfills.keys(backfill.id(), after, pageSize.rows());
            if (keys.isEmpty()) {
                read = true;
                return;
            }
            long before = after;
            KeyLookup.Found page =
                    lookup.read(keys, covered -> RowKey.of(List.of(Long.toString(before + covered))), stop);
            if (page != null) {
                after = before + page.covered();
                pageSize.read(keys.size(), page.covered());
            }
        }

        /** Waits a moment: most conditions are quick. */
        private void awaitFound(CountDownLatch stop) throws InterruptedException {
            Future<?> search = finding == null ? finder.submit(() -> find(stop)) : finding;
            finding = search;
            try {
                search.get(FIND_MILLIS, TimeUnit.MILLISECONDS);
                finding = null;
            } catch (TimeoutException e) {
                LOG.trace("Not found yet", e);
            } catch (ExecutionException e) {
                finding = null;
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new IllegalStateException(e.getCause());
            }
        }

        @Override
        public boolean isWaiting() {
            return finding != null;
        }

        /** What an earlier process has found is of another moment. */
        private void find(CountDownLatch stop) {
            String condition = Objects.requireNonNull(backfill.condition(), "only a condition's keys have to be found");
            KeyFinder finder = new KeyFinder(database, table.key());
            finder.check(condition);
            long[] count = {0};
            backfills.findAnew(backfill.id());
            try {
                finder.where(
                        condition,
                        keys -> {
                            backfills.found(backfill.id(), count[0], keys);
                            count[0] += keys.size();
                            counters.progressed();
                        },
                        () -> isWanted(stop));
            } catch (Fault fault) {
                if (!isWanted(stop)) {
                    return;
                }
                // The server was there a moment before, each time.
                broken += PostgresFailures.isOfConnection(fault) ? 1 : 0;
                throw fault;
            }
            backfills.foundAll(backfill.id(), count[0]);
            found = true;
        }

        @Override
        public boolean isHopeless() {
            return broken >= MOST_BROKEN;
        }

        private boolean isWanted(CountDownLatch stop) {
            return stop.getCount() > 0
                    && backfills
                            .one(backfill.id())
                            .filter(one -> one.state() == State.RUNNING)
                            .isPresent();
        }

        @Override
        public boolean isRead() {
            return read;
        }
    }
}
