package ai.flameup.sync.status;

import ai.flameup.sync.observe.Event;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds the events between one status of a process and the next. Not thread-safe. */
final class EventDetector {
    private static final int MAX_MESSAGE = 200;

    private @Nullable Status before;
    /** {@code OUTAGE} or {@code HALTED} from its beginning until the job works again; otherwise {@code IN_STEP}. */
    private State trouble = State.IN_STEP;

    private @Nullable String haltReason;
    private boolean ended;

    /** The events since the former status, in their order. */
    List<Event> compare(Status now) {
        List<Event> events = new ArrayList<>();
        Status former = before;
        before = now;
        if (former == null) {
            Status.Instance process = now.job().process();
            add(events, now, Event.Kind.STARTED, "%s, version %s".formatted(process.mode(), process.version()));
        } else {
            addOfWork(events, former, now);
        }
        if (now.job().exitCode() == null) {
            addOfState(events, now);
        } else if (!ended) {
            ended = true;
            boolean halts = now.state() == State.HALTED && trouble != State.HALTED;
            add(events, now, halts ? Event.Kind.HALTED : Event.Kind.STOPPED, firstClause(now.reason()));
        }
        return events;
    }

    private void addOfWork(List<Event> events, Status former, Status now) {
        boolean deferred = former.source().deferred().keys() > 0;
        boolean defers = now.source().deferred().keys() > 0;
        if (defers != deferred && !isOlderThanProcess(now)) {
            add(events, now, defers ? Event.Kind.DEFERRAL_BEGAN : Event.Kind.DEFERRAL_ENDED, null);
        }
        List<Long> open =
                now.source().backfills().stream().map(Status.Backfill::id).toList();
        former.source().backfills().stream()
                .filter(one -> !open.contains(one.id()))
                .forEach(one -> add(
                        events,
                        now,
                        Event.Kind.BACKFILL_ENDED,
                        "%s (%s)".formatted(one.id(), one.kind().replace('_', ' '))));
    }

    /** The first poll of the store finds what an earlier process deferred. */
    private static boolean isOlderThanProcess(Status now) {
        var since = now.source().deferred().since();
        return since != null && since.isBefore(now.job().process().startedAt());
    }

    private void addOfState(List<Event> events, Status now) {
        State state = now.state();
        if (state == State.STARTING) {
            // A restart of the pipeline proves nothing.
            return;
        }
        if (trouble == State.HALTED && state != State.HALTED) {
            add(events, now, Event.Kind.RESUMED, null);
        }
        if (trouble == State.OUTAGE && state != State.OUTAGE && state != State.HALTED) {
            add(events, now, Event.Kind.OUTAGE_ENDED, null);
        }
        if (state == State.OUTAGE && trouble != State.OUTAGE) {
            add(events, now, Event.Kind.OUTAGE_BEGAN, firstClause(now.reason()));
        }
        if (state == State.HALTED && (trouble != State.HALTED || !Objects.equals(haltReason, now.reason()))) {
            add(events, now, Event.Kind.HALTED, firstClause(now.reason()));
            haltReason = now.reason();
        }
        trouble = state == State.OUTAGE || state == State.HALTED ? state : State.IN_STEP;
    }

    private static void add(List<Event> events, Status now, Event.Kind kind, @Nullable String message) {
        events.add(new Event(now.at(), kind, message));
    }

    /** What happened. The clauses that follow are advice, which is out of date in a list of events. */
    private static @Nullable String firstClause(@Nullable String reason) {
        if (reason == null) {
            return null;
        }
        String clause = reason.split("; |\\. |\n", 2)[0].replace("`", "");
        return clause.length() <= MAX_MESSAGE ? clause : clause.substring(0, MAX_MESSAGE - 1) + "…";
    }
}
