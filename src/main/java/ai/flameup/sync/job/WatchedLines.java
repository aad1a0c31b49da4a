package ai.flameup.sync.job;

import ai.flameup.sync.source.slot.WatchedEntries;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The watched tables as lines of the stored mapping. The stream omits changes that were made before the table was published, even
 * if their transaction ends later. So a new entry waits until every transaction that was open has ended. Stateless.
 */
final class WatchedLines {
    private static final Pattern WAITING = Pattern.compile("(watch\\..*: \\d+) waits for transactions before (\\d+)");

    private WatchedLines() {}

    /**
     * Returns a line for each watched table.
     *
     * @param before the stored lines; null if there are none, because every row will be read anyway
     */
    static List<String> of(WatchedEntries watched, @Nullable List<String> before) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, String> entry : watched.byId().entrySet()) {
            String settled = "watch.%s: %s".formatted(entry.getKey(), entry.getValue());
            lines.add(before == null || before.contains(settled) ? settled : line(settled, watched, before));
        }
        return lines;
    }

    private static String line(String settled, WatchedEntries watched, List<String> before) {
        long awaited = before.stream()
                .map(WAITING::matcher)
                .filter(waiting -> waiting.matches() && waiting.group(1).equals(settled))
                .map(waiting -> Long.parseLong(waiting.group(2)))
                .findFirst()
                .orElse(watched.next());
        return watched.oldestOpen() >= awaited ? settled : settled + " waits for transactions before " + awaited;
    }

    /** Whether a line is that of an entry that waits. */
    static boolean isWaiting(String line) {
        Matcher waiting = WAITING.matcher(line);
        return waiting.matches();
    }
}
