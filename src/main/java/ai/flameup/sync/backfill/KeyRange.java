package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import java.util.List;

/** The ids of the stored keys of a page, both included: the progress that the acknowledgement of its rows settles. */
public record KeyRange(long from, long to) {
    /** Returns the range of a page's progress. */
    public static KeyRange of(RowKey progress) {
        List<String> ids = progress.values();
        return new KeyRange(Long.parseLong(ids.get(0)), Long.parseLong(ids.get(1)));
    }

    static RowKey progress(long from, long to) {
        return RowKey.of(List.of(Long.toString(from), Long.toString(to)));
    }
}
