package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
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
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the {@link DeliveryStateMachine} on a thread of its own: passes events to it and its actions to an
 * {@link ActionInterpreter}. Makes threads wait that bring more than it may hold. Thread-safe.
 *
 * <p>INVARIANT: only that thread touches the machine; all others put tasks into its inbox.
 */
public final class Pipeline {
    private static final int EVENTS_PER_TURN = 32;

    private final DeliveryStateMachine machine;
    private final @Nullable EventRecorder recorder;
    private final ActionInterpreter interpreter;
    private final Consumer<Event> events = this::handleSoon;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    /** Events that were handed over, in their order. Answers go between them, or all in flight would wait for a chunk. */
    private final Deque<Event> handedOver = new ArrayDeque<>();
    /** How many of them belong to a call of {@link #accept} that has not ended. */
    private int untilTaken;

    private final Backpressure backpressure = new Backpressure();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread = new Thread(this::run, "pipeline");

    public Pipeline(PipelineSettings settings, Ledger ledger, RandomGenerator random, ActionInterpreter interpreter) {
        this.recorder = EventRecorder.ifRequested(settings, ledger);
        this.machine = recorder == null
                ? new DeliveryStateMachine(settings, ledger, random)
                : new DeliveryStateMachine(settings, recorder, recorder.random());
        this.interpreter = interpreter;
    }

    /**
     * Starts the thread.
     *
     * @param started what earlier processes left
     */
    public void start(Event.Started started) {
        handleSoon(started);
        thread.start();
    }

    /** Hands events over, in their order; waits while the pipeline holds as much as it may. */
    public void accept(List<Event> together) throws InterruptedException {
        backpressure.awaitRoom();
        inbox.add(() -> {
            handedOver.addAll(together);
            untilTaken = handedOver.size();
            if (untilTaken == 0) {
                backpressure.taken(figures());
            }
        });
    }

    /** Ends a scan; to be called after its last chunk. */
    public void scanEnd(long scan) {
        inbox.add(() -> handedOver.add(new Event.ScanEnded(scan)));
    }

    /** Whether another chunk of rows has room. */
    public boolean hasRowRoom() {
        return backpressure.hasRowRoom();
    }

    /** Whether rows have room for which a change waits. */
    public boolean hasUrgentRoom() {
        return backpressure.hasRoom();
    }

    /**
     * Calls this whenever rows have room again. To be set before the start.
     *
     * @param callback is called by the pipeline's thread; must return at once
     */
    public void onRoom(Runnable callback) {
        backpressure.onRoom(callback);
    }

    /** The WAL has been written up to here. */
    public void walWritten(Lsn end) {
        handleSoon(new Event.WalWritten(end));
    }

    /** Nothing is left to read of what was stored up to this number. */
    public void nothingToRead(long number) {
        handleSoon(new Event.NothingToRead(number));
    }

    /** Whether no row that was read is pending. */
    public boolean isFenceEmpty() {
        return backpressure.hasNoRows();
    }

    /** Reports the present figures, soon and on the pipeline's thread. */
    public void inspect(Consumer<DeliveryGauges> to) {
        inbox.add(() -> to.accept(machine.gauges(now())));
    }

    /** Waits until everything that was handed over is settled: a new start from there sends nothing again. */
    public void settle(Duration atMost) throws InterruptedException {
        backpressure.awaitSettled(atMost);
    }

    /** Sends nothing more, and waits for the answers that are due. */
    public void drain(Duration atMost) throws InterruptedException {
        inbox.add(() -> {
            handle(Event.DRAIN);
            backpressure.draining(figures());
        });
        backpressure.awaitDrained(atMost);
    }

    /** Ends the thread; what is pending stays as it is. */
    public void stop() throws InterruptedException {
        stopped.set(true);
        inbox.add(() -> {});
        backpressure.stop();
        if (thread.isAlive()) {
            thread.join();
        }
        if (recorder != null) {
            recorder.close();
        }
    }

    private void handleSoon(Event event) {
        inbox.add(() -> handle(event));
    }

    private void run() {
        try {
            List<Runnable> tasks = new ArrayList<>();
            while (!stopped.get()) {
                Runnable task = nextTask();
                if (task != null) {
                    tasks.add(task);
                    inbox.drainTo(tasks);
                    tasks.forEach(Runnable::run);
                    tasks.clear();
                } else if (handedOver.isEmpty()) {
                    handle(Event.TICK);
                }
                handleSome();
                if (handedOver.isEmpty()) {
                    interpreter.endTurn(events);
                }
                backpressure.publish(figures());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error bug) {
            stopped.set(true);
            backpressure.stop();
            interpreter.crashed(bug);
        }
    }

    private @Nullable Runnable nextTask() throws InterruptedException {
        if (!handedOver.isEmpty()) {
            return inbox.poll();
        }
        OptionalLong next = machine.nextAt(now());
        return next.isEmpty() ? inbox.take() : inbox.poll(Math.max(0, next.getAsLong() - now()), TimeUnit.MILLISECONDS);
    }

    private void handleSome() {
        if (handedOver.isEmpty()) {
            return;
        }
        for (int i = 0; i < EVENTS_PER_TURN && !handedOver.isEmpty(); i++) {
            handle(handedOver.remove());
            if (untilTaken > 0 && --untilTaken == 0) {
                backpressure.taken(figures());
            }
        }
        handle(Event.TICK);
    }

    private void handle(Event event) {
        long now = now();
        List<Action> actions = machine.handle(event, now);
        if (recorder != null) {
            recorder.record(event, now, actions);
        }
        if (!actions.isEmpty()) {
            interpreter.perform(actions, events);
        }
    }

    private Backpressure.Figures figures() {
        Backpressure.Load load = new Backpressure.Load(machine.load(), machine.bytes(), machine.isHolding());
        return new Backpressure.Figures(load, machine.openRows(), machine.unfinished());
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
