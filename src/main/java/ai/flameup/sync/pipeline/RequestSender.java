package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.answer.Response;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** Performs {@link Action.Send} and {@link Action.EndRequest}: keeps each request in the log while it is in flight. For one thread. */
public final class RequestSender {
    private final PeopleSender sender;
    private final InFlightLog log;
    /** The numbers in the log, by request. */
    private final LongMap<int[]> inFlight = new LongMap<>();

    public RequestSender(PeopleSender sender, InFlightLog log) {
        this.sender = sender;
        this.log = log;
    }

    /**
     * Logs the request, and sends it.
     *
     * @param events takes its {@link Event.Answered}, on any thread
     */
    public void send(Action.Send send, Consumer<Event> events) {
        List<Action.Upsert> upserts = send.upserts();
        int[] logged = new int[upserts.size()];
        for (int i = 0; i < logged.length; i++) {
            logged[i] = log.sent(upserts.get(i).trace());
        }
        inFlight.put(send.request(), logged);
        Consumer<Response> done = answer -> events.accept(new Event.Answered(send.request(), answer));
        if (send.batch()) {
            sender.batch(upserts.stream().map(Action.Upsert::person).toList(), done);
        } else {
            sender.upsert(upserts.get(0).person(), done);
        }
    }

    /** Removes what earlier processes left of a person. */
    public void drop(Action.DropTraces traces) {
        log.forget(traces.person());
    }

    /** Removes an ended request from the log, or keeps it for later processes. */
    public void end(Action.EndRequest end) {
        for (int number : Objects.requireNonNull(inFlight.remove(end.request()))) {
            switch (end.fate()) {
                case KNOWN -> log.answered(number);
                case UNCLEAR -> log.unclear(number);
                case LATE -> log.late(number);
            }
        }
    }
}
