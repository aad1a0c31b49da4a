package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** The persons whose requests have no answer, until each has its {@link Twin} behind it. For one thread. */
final class Twins {
    private record Due(Identities.Person person, long at) {}

    private final long after;
    private final PriorityQueue<Due> waiting = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    /** What former processes left, by {@link Unanswered.Trace#person}, and until when the last of it is of interest. */
    private final Map<Integer, Twin> left = new HashMap<>();

    private long leftUntil = Long.MIN_VALUE;

    /**
     * @param timeout after which a request has timed out, in milliseconds
     */
    Twins(long timeout) {
        this.after = 2 * timeout;
    }

    /** What former processes left. */
    void left(List<Unanswered.Left> traces, long now) {
        for (Unanswered.Left one : traces) {
            Unanswered.Trace trace = one.trace();
            Twin twin = left.get(trace.person());
            if (twin == null) {
                twin = new Twin();
                twin.state = trace.state();
                left.put(trace.person(), twin);
            } else if (twin.state != null && twin.state != trace.state()) {
                twin.state = null;
            }
            twin.address = trace.address() == 0 ? twin.address : Long.valueOf(trace.address());
            twin.dueAt = Math.max(twin.dueAt, now + one.millis());
            leftUntil = Math.max(leftUntil, twin.dueAt);
        }
    }

    /** The person is on the way again: a former process may have left a request of it. */
    void recall(Identities.Person person, long now) {
        if (left.isEmpty()) {
            return;
        }
        if (now >= leftUntil) {
            left.clear();
            return;
        }
        Twin twin = left.remove(Unanswered.Trace.person(person.userId()));
        if (twin != null && twin.dueAt > now && person.twin == null) {
            person.twin = twin;
            waiting.add(new Due(person, twin.dueAt));
        }
    }

    /**
     * @param timedOut then the person is sent once more in any case; where the connection broke, only what differs is
     */
    void mayBeApplied(Work work, boolean timedOut, long now) {
        Twin twin = work.holder.twin;
        int state = work.person.fingerprint();
        if (twin == null) {
            twin = new Twin();
            twin.state = timedOut ? null : state;
            work.holder.twin = twin;
        } else if (timedOut || (twin.state != null && twin.state != state)) {
            twin.state = null;
        }
        twin.dueAt = Math.max(twin.dueAt, now + after);
        twin.address = work.address == null ? twin.address : work.address;
        waiting.add(new Due(work.holder, twin.dueAt));
    }

    /** Those whose time has come, each once. */
    List<Identities.Person> due(long now) {
        List<Identities.Person> due = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.element().at <= now) {
            Due next = waiting.remove();
            Twin twin = next.person.twin;
            if (twin != null && twin.dueAt == next.at) {
                due.add(next.person);
            }
        }
        return due;
    }

    /** What the person's twin held back; there is no twin any more. */
    List<Progress.Group> end(Identities.Person person) {
        Twin twin = person.twin;
        if (twin == null) {
            throw new IllegalStateException("no twin");
        }
        person.twin = null;
        return twin.groups;
    }

    long nextAt() {
        return waiting.isEmpty() ? Long.MAX_VALUE : waiting.element().at;
    }
}
