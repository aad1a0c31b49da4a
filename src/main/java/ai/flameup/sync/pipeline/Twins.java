package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The persons whose requests timed out, until each has its {@link Twin} behind it. For one thread. */
final class Twins {
    private record Due(Identities.Person person, long at) {}

    private final long after;
    private final PriorityQueue<Due> waiting = new PriorityQueue<>(Comparator.comparingLong(Due::at));

    /**
     * @param timeout after which a request has timed out, in milliseconds
     */
    Twins(long timeout) {
        this.after = 2 * timeout;
    }

    void timedOut(Work work, long now) {
        Twin twin = work.holder.twin;
        if (twin == null) {
            twin = new Twin();
            work.holder.twin = twin;
        }
        twin.dueAt = now + after;
        twin.address = work.address;
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
