package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.source.slot.WatchedEntries;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WatchedLinesTest {
    private static List<String> lines(String entry, long oldestOpen, long next, @Nullable List<String> before) {
        return WatchedLines.of(new WatchedEntries(Map.of("s.t(a = b)", entry), oldestOpen, next), before);
    }

    @Test
    void newEntry_waitsForOpenTransactions() {
        List<String> first = lines("12", 100, 103, List.of("watch.s.t(a = b): 11"));
        assertThat(first).containsExactly("watch.s.t(a = b): 12 waits for transactions before 103");
        assertThat(first).allMatch(WatchedLines::isWaiting);
        assertThat(lines("12", 102, 200, first)).isEqualTo(first);
        assertThat(lines("12", 103, 200, first)).containsExactly("watch.s.t(a = b): 12");
        assertThat(lines("13", 103, 200, first))
                .containsExactly("watch.s.t(a = b): 13 waits for transactions before 200");
    }

    @Test
    void newEntry_withoutOpenTransactions_isSettled() {
        assertThat(lines("12", 103, 103, List.of())).containsExactly("watch.s.t(a = b): 12");
    }

    @Test
    void knownEntry_doesNotWait() {
        List<String> settled = List.of("watch.s.t(a = b): 12");
        assertThat(lines("12", 1, 9, settled)).isEqualTo(settled);
        assertThat(lines("12", 1, 9, null)).isEqualTo(settled);
    }
}
