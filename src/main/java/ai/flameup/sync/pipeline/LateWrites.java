package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** When the {@link LateWrite late writes} of persons are due, and those of earlier processes. For one thread. */
final class LateWrites {
    private record Due(Person person, long at) {}

    private static final long RECHECK_MILLIS = 1_000;

    private final long lateFor;
    private final PriorityQueue<Due> waiting = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    /** Those of earlier processes, by {@link RequestTrace#person}. */
    private final Map<Long, LateWrite> left = new HashMap<>();

    private long leftUntil = Long.MIN_VALUE;

    /**
     * @param timeout of a request, in milliseconds
     */
    LateWrites(long timeout) {
        this.lateFor = 2 * timeout;
    }

    /** Takes what earlier processes left. */
    void started(List<RequestTrace.Unanswered> traces, long now) {
        for (RequestTrace.Unanswered one : traces) {
            RequestTrace trace = one.trace();
            long until = now + one.millis();
            if (until <= now) {
                continue;
            }
            LateWrite late = left.get(trace.person());
            if (late == null) {
                left.put(trace.person(), new LateWrite(trace.state(), trace.address(), until));
            } else {
                late.add(trace.state(), trace.address(), until);
            }
            leftUntil = Math.max(leftUntil, until);
        }
    }

    /** The person has a pending upsert again: an earlier process may have left a request of it. */
    void recall(Person person, long now) {
        if (left.isEmpty()) {
            return;
        }
        if (now >= leftUntil) {
            left.clear();
            return;
        }
        LateWrite late = left.remove(RequestTrace.person(person.userId()));
        if (late != null && late.dueAt() > now && person.lateWrite() == null) {
            person.lateWrite(late);
            waiting.add(new Due(person, late.dueAt()));
        }
    }

    /**
     * A request with the state ended without an answer.
     *
     * @param timedOut then the person is sent once more in any case; otherwise only if its state has changed since
     */
    void add(Person person, PersonState state, boolean timedOut, long now) {
        Integer fingerprint = timedOut ? null : Integer.valueOf(state.upsert().fingerprint());
        LateWrite late = person.lateWrite();
        if (late == null) {
            late = new LateWrite(fingerprint, state.address(), now + lateFor);
            person.lateWrite(late);
        } else {
            late.add(fingerprint, state.address(), now + lateFor);
        }
        waiting.add(new Due(person, late.dueAt()));
    }

    /** The person's repetition has to wait for something that has no time. */
    void checkAgain(Person person, long now) {
        waiting.add(new Due(person, now + RECHECK_MILLIS));
    }

    /** Removes the persons whose late writes are due. */
    List<Person> removeDue(long now) {
        if (nextAt() > now) {
            return List.of();
        }
        List<Person> due = new ArrayList<>();
        while (nextAt() <= now) {
            Due next = waiting.remove();
            LateWrite late = next.person.lateWrite();
            if (late != null && late.dueAt() <= next.at) {
                due.add(next.person);
            }
        }
        return due;
    }

    /** Returns when the next one is due; {@link Long#MAX_VALUE} if there is none. */
    long nextAt() {
        return waiting.isEmpty() ? Long.MAX_VALUE : waiting.element().at;
    }
}
