package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Answer;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the {@link Heart} on a thread of its own, and holds up whoever brings more than it may hold. Thread-safe.
 *
 * <p>INVARIANT: the heart is touched by that thread alone; everything else puts a task into its inbox.
 */
public final class Pipeline {
    /** Changes and rows from the oldest unsettled one. */
    private static final int MOST_CHANGES = 16_384;

    private static final long MOST_BYTES = 24 << 20;
    /**
     * With the page of 512 that is read then, two chunks of 1,024 rows: what a killed process has to read again. Less, and
     * the reading does not keep up with the sending; larger pages, and more of each has to be held.
     */
    private static final int MOST_FENCE_OPEN = 1_536;

    private static final int STEPS_A_TURN = 32;

    /** One attempt to send; the answer may come on any thread. */
    public interface Sender {
        void upsert(PersonUpsert person, Consumer<Answer> done);

        void batch(List<PersonUpsert> persons, Consumer<Answer> done);
    }

    /** The addresses that a person may hold at Flameup, and no others. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; a list would box every address of a first load.
    public record Holding(String userId, long[] addresses) {}

    /** What is to be stored, in the order of the calls, and told. Called by the pipeline's thread: never waits. */
    public interface Listener {
        /**
         * To be stored at once.
         *
         * @param stored to be called when it is, on any thread
         */
        void holds(List<Holding> holdings, Runnable stored);

        /** The row is to be read again, because a change could not carry all of it. */
        void deferred(RowKey key);

        /** A row has another primary key from here on. */
        void rekeyed(Position position, RowKey from, RowKey to);

        /**
         * @param whole whether no mapped trait was left out
         */
        void delivered(String userId, boolean whole);

        void parked(
                String userId,
                @Nullable RowKey key,
                int status,
                String reason,
                @Nullable String requestId,
                int attempts);

        void moved(Lsn position);

        /**
         * Everything of the scan is settled up to here.
         *
         * @param upTo null: no further than before
         * @param rows that were to be sent
         * @param overtaken rows of which the stream brought newer states
         * @param parked how many of the rows are dead letters
         */
        void scanned(long scan, @Nullable RowKey upTo, int rows, int overtaken, int parked);

        /** Everything that the scan brought is settled. */
        void scanEnded(long scan);

        /** Everything before the marker is settled. */
        void passed(String marker);

        /** A waiting state was replaced by a newer one, which saves a call. */
        void replaced();

        /** The person takes an address that another still holds, with nothing on the way to release it. */
        void emailHeld(String userId, String holder);

        void retrying(int status, Duration wait);

        /** The API has asked for a long pause, or its budget is spent: nothing is sent for so long. */
        void paused(Duration wait);

        /**
         * The API's budget is known, or another than before.
         *
         * @param requests in a window, at least 1
         */
        void budget(long requests, Duration window);

        /**
         * The budget that the API tells of is not understood. Told once.
         *
         * @param headers as they came, in one line
         */
        void budgetNotUnderstood(String headers);

        /**
         * The batch call is not used any more. Told once.
         *
         * @param reason a sentence without values of any person
         */
        void batchesGivenUp(String reason);

        /** Nobody is answered any more. */
        void outage(int status, String reason);

        void outageOver();

        /** The API refuses everybody: nothing more is sent. */
        void halted(Outcome.Refused why);

        /**
         * The API refuses too many persons as they are, or too many rows cannot be sent: nothing more is sent or parked.
         *
         * @param last with status 0 if the API was not asked
         */
        void haltedByRejections(Outcome.Rejected last);

        /** The pipeline's thread ended by a fault of the program. */
        void broken(Throwable bug);
    }

    /** What the stream or the fence brought, mapped. */
    public sealed interface Input {
        /**
         * @param age since it was committed, in milliseconds, as far as is known
         */
        record Change(
                Position position, Mapped mapped, @Nullable RowKey key, long age) implements Input {}

        record Reached(Lsn commit) implements Input {}

        /**
         * The next change gives a row another primary key.
         *
         * @param position of that change
         */
        record Rekeyed(Position position, RowKey from, RowKey to) implements Input {}

        /**
         * @param latest whether only the latest of those that stand in a row is of interest
         */
        record Mark(String marker, boolean latest) implements Input {}

        /**
         * @param overtaken how many more were read, of which the stream brought newer states
         */
        record Rows(
                long scan,
                List<MappedRow> rows,
                int overtaken,
                @Nullable RowKey progress) implements Input {}
    }

    private final Sender sender;
    private final Listener listener;
    private final ListeningEffects effects = new ListeningEffects();
    private final Heart heart;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    /** What was handed over, in its order; answers go between, or all in flight would wait for a chunk. */
    private final Deque<Runnable> steps = new ArrayDeque<>();

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread = new Thread(this::drive, "pipeline");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean full;
    private int fenceOpen;
    private int inFlight;
    private int load;
    private boolean taking;
    private boolean draining;

    public Pipeline(
            PipelineSettings settings,
            Addresses addresses,
            Unanswered unanswered,
            RandomGenerator random,
            Sender sender,
            Listener listener) {
        this.sender = sender;
        this.listener = listener;
        this.heart = new Heart(settings, addresses, unanswered, random, effects);
    }

    public void start() {
        thread.start();
    }

    /** Hands inputs over, in their order; waits while the pipeline holds as much as it may. */
    public void accept(List<Input> inputs) throws InterruptedException {
        lock.lock();
        try {
            await(() -> !full && !taking);
            taking = true;
        } finally {
            lock.unlock();
        }
        inbox.add(() -> {
            inputs.forEach(this::plan);
            steps.add(this::taken);
        });
    }

    /** Waits until the lane of the fence has room for another chunk. */
    public void awaitFenceRoom() throws InterruptedException {
        await(() -> fenceOpen < MOST_FENCE_OPEN && !full);
    }

    /** Whether no row of the fence is on its way. */
    public boolean isFenceEmpty() {
        lock.lock();
        try {
            return fenceOpen == 0 && !taking;
        } finally {
            lock.unlock();
        }
    }

    /** The scan brings nothing more; to be called behind its last chunk. */
    public void scanEnd(long scan) {
        inbox.add(() -> heart.scanEnd(scan));
    }

    /** Has somebody told how it stands, soon and by the pipeline's thread. */
    public void look(Consumer<Gauges> to) {
        inbox.add(() -> to.accept(heart.gauges(now())));
    }

    /** Waits until all that was handed over is settled: whoever begins anew behind that sends nothing again. */
    public void settle(Duration most) throws InterruptedException {
        await(() -> load == 0 && !taking, most);
    }

    /** Sends nothing more, and waits for the answers that are due. */
    public void drain(Duration most) throws InterruptedException {
        inbox.add(() -> {
            heart.drain();
            drained();
        });
        await(() -> draining && inFlight == 0, most);
    }

    private void await(Check check, Duration most) throws InterruptedException {
        lock.lock();
        try {
            long left = most.toNanos();
            while (!check.holds() && left > 0 && !stopped.get()) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread; what is still waiting is left as it is. */
    public void stop() throws InterruptedException {
        stopped.set(true);
        inbox.add(() -> {});
        signal();
        if (thread.isAlive()) {
            thread.join();
        }
    }

    private void plan(Input input) {
        if (input instanceof Input.Change change) {
            steps.add(() -> heart.change(change.position(), change.mapped(), change.key(), change.age(), now()));
        } else if (input instanceof Input.Rekeyed rekeyed) {
            steps.add(() -> heart.rekeyed(rekeyed.position(), rekeyed.from(), rekeyed.to()));
        } else if (input instanceof Input.Reached reached) {
            steps.add(() -> heart.reached(reached.commit()));
        } else if (input instanceof Input.Mark mark) {
            steps.add(() -> heart.mark(mark.marker(), mark.latest()));
        } else if (input instanceof Input.Rows rows) {
            Progress.Group chunk =
                    heart.chunk(rows.scan(), rows.rows().size(), rows.overtaken(), rows.progress(), now());
            rows.rows().forEach(row -> steps.add(() -> heart.row(chunk, row, now())));
        }
    }

    private void drive() {
        try {
            List<Runnable> tasks = new ArrayList<>();
            heart.begin(now());
            while (!stopped.get()) {
                Runnable task = nextTask();
                if (task != null) {
                    tasks.add(task);
                    inbox.drainTo(tasks);
                    tasks.forEach(Runnable::run);
                    tasks.clear();
                } else if (steps.isEmpty()) {
                    heart.at(now());
                }
                if (!steps.isEmpty()) {
                    for (int i = 0; i < STEPS_A_TURN && !steps.isEmpty(); i++) {
                        steps.remove().run();
                    }
                    heart.at(now());
                }
                if (steps.isEmpty()) {
                    effects.storeHoldings();
                }
                publish();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error bug) {
            stopped.set(true);
            signal();
            listener.broken(bug);
        }
    }

    private @Nullable Runnable nextTask() throws InterruptedException {
        if (!steps.isEmpty()) {
            return inbox.poll();
        }
        OptionalLong next = heart.nextAt(now());
        return next.isEmpty() ? inbox.take() : inbox.poll(Math.max(0, next.getAsLong() - now()), TimeUnit.MILLISECONDS);
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Whoever waits is woken only where there may be what it waits for: this is called some thousand times a second. */
    private void publish() {
        lock.lock();
        try {
            boolean wasFull = full;
            boolean fenceWasFull = fenceOpen >= MOST_FENCE_OPEN;
            load = heart.load();
            full = load >= MOST_CHANGES || heart.bytes() >= MOST_BYTES;
            fenceOpen = heart.fenceOpen();
            inFlight = heart.inFlight();
            if ((wasFull && !full) || (fenceWasFull && fenceOpen < MOST_FENCE_OPEN) || inFlight == 0) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** From now on the count of what is in flight only falls. */
    private void drained() {
        lock.lock();
        try {
            draining = true;
            inFlight = heart.inFlight();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What was handed over is in the heart. */
    private void taken() {
        lock.lock();
        try {
            taking = false;
            load = heart.load();
            full = load >= MOST_CHANGES || heart.bytes() >= MOST_BYTES;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private interface Check {
        boolean holds();
    }

    private void await(Check check) throws InterruptedException {
        lock.lock();
        try {
            while (!check.holds()) {
                if (stopped.get()) {
                    throw new InterruptedException("the pipeline has stopped");
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What the heart wants done, handed on; storing first, so that a position never comes before what it covers. */
    private final class ListeningEffects implements Effects {
        private List<Backlog.Holding> holdings = new ArrayList<>();

        @Override
        public void send(Request request) {
            Consumer<Answer> done = answer -> inbox.add(() -> heart.answered(request, answer, now()));
            if (request.batch()) {
                sender.batch(request.works().stream().map(work -> work.person).toList(), done);
            } else {
                sender.upsert(request.works().get(0).person, done);
            }
        }

        @Override
        public void holds(Backlog.Holding holding) {
            holdings.add(holding);
        }

        /** All of one turn together: storing one costs nearly as much as storing many. */
        void storeHoldings() {
            if (holdings.isEmpty()) {
                return;
            }
            List<Backlog.Holding> told = holdings;
            holdings = new ArrayList<>();
            List<Holding> plain = told.stream()
                    .map(one -> new Holding(one.person().userId(), one.addresses()))
                    .toList();
            listener.holds(plain, () -> inbox.add(() -> heart.stored(told, now())));
        }

        @Override
        public void defer(RowKey key) {
            listener.deferred(key);
        }

        @Override
        public void rekeyed(Position position, RowKey from, RowKey to) {
            listener.rekeyed(position, from, to);
        }

        @Override
        public void delivered(String userId, boolean whole) {
            listener.delivered(userId, whole);
        }

        @Override
        public void park(
                String userId,
                @Nullable RowKey key,
                int status,
                String reason,
                @Nullable String requestId,
                int attempts) {
            listener.parked(userId, key, status, reason, requestId, attempts);
        }

        @Override
        public void moved(Lsn position) {
            listener.moved(position);
        }

        @Override
        public void scanned(long scan, @Nullable RowKey upTo, int rows, int overtaken, int parked) {
            listener.scanned(scan, upTo, rows, overtaken, parked);
        }

        @Override
        public void scanEnded(long scan) {
            listener.scanEnded(scan);
        }

        @Override
        public void passed(String marker) {
            listener.passed(marker);
        }

        @Override
        public void replaced() {
            listener.replaced();
        }

        @Override
        public void emailHeld(String userId, String holder) {
            listener.emailHeld(userId, holder);
        }

        @Override
        public void retrying(int status, Duration wait) {
            listener.retrying(status, wait);
        }

        @Override
        public void paused(Duration wait) {
            listener.paused(wait);
        }

        @Override
        public void budget(long requests, Duration window) {
            listener.budget(requests, window);
        }

        @Override
        public void budgetNotUnderstood(String headers) {
            listener.budgetNotUnderstood(headers);
        }

        @Override
        public void batchesGivenUp(String reason) {
            listener.batchesGivenUp(reason);
        }

        @Override
        public void outage(int status, String reason) {
            listener.outage(status, reason);
        }

        @Override
        public void outageOver() {
            listener.outageOver();
        }

        @Override
        public void halted(Outcome.Refused why) {
            listener.halted(why);
        }

        @Override
        public void haltedByRejections(Outcome.Rejected last) {
            listener.haltedByRejections(last);
        }
    }
}
