package ai.flameup.sync.observe;

import java.util.List;

/**
 * What a job did lately, over restarts of its process. Immutable.
 *
 * @param samples of the last hour, the oldest first; none for times without a process
 * @param events the last ones, the oldest first
 */
public record History(List<Sample> samples, List<Event> events) {
    public static final History NOTHING = new History(List.of(), List.of());
}
