package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * Retries dead letters by reading their rows through the fence, a page at a time. The API's answer settles them, as
 * with every other change. One thread calls {@link #next}, another {@link #mapped}.
 */
public final class RetryReader {
    private final StateStore store;
    private final StateWriter writer;
    private final KeyLookup lookup;
    private final Pipeline pipeline;
    /** The letters of the current page by key. */
    private volatile Map<RowKey, DeadLetter> page = Map.of();

    private final PageSize size = new PageSize();

    private long lastLetter;

    public RetryReader(StateStore store, StateWriter writer, KeyLookup lookup, Pipeline pipeline) {
        this.store = store;
        this.writer = writer;
        this.lookup = lookup;
        this.pipeline = pipeline;
    }

    /**
     * Reads the next page, if there is one.
     *
     * @return whether there was one
     */
    public boolean next(CountDownLatch stop) throws InterruptedException {
        List<DeadLetter> letters = store.deadLetters().nextUnderRetry(lastLetter, size.rows());
        if (letters.isEmpty()) {
            if (lastLetter > 0 && pipeline.isFenceEmpty()) {
                // Letters still under a retry were changed while they were read, or were requested meanwhile.
                writer.flush();
                lastLetter = 0;
            }
            return false;
        }
        // In the order of the letters, because only the first of them may fit into a page.
        Map<RowKey, DeadLetter> next = new LinkedHashMap<>();
        for (DeadLetter letter : letters) {
            RowKey key = letter.key();
            if (key != null) {
                next.put(key, letter);
            }
        }
        page = next;
        List<RowKey> keys = List.copyOf(next.keySet());
        KeyLookup.Found found = lookup.read(keys, covered -> null, stop);
        if (found == null) {
            return false;
        }
        Set<RowKey> without = new HashSet<>(found.gone());
        letters.stream()
                .filter(letter -> letter.key() != null && without.contains(letter.key()))
                .forEach(letter -> writer.add(new StateUpdate.Gone(letter.id())));
        Set<RowKey> covered = new HashSet<>(keys.subList(0, found.covered()));
        for (DeadLetter letter : letters) {
            if (letter.key() != null && !covered.contains(letter.key())) {
                break;
            }
            lastLetter = letter.id();
        }
        size.read(keys.size(), found.covered());
        return true;
    }

    /**
     * Matches the rows of the page with their letters. If a row maps to another person, or to no person, it does not
     * settle the letter: the row of the letter's person is gone.
     */
    public void mapped(List<MappedRow> mapped) {
        for (MappedRow row : mapped) {
            DeadLetter letter = page.get(row.key());
            if (letter != null) {
                String userId = row.mapped() instanceof Mapped.Upsert upsert
                        ? upsert.person().userId()
                        : "";
                if (letter.userId().isEmpty() && !userId.isEmpty()) {
                    writer.add(new StateUpdate.Identified(letter.id(), userId));
                } else if (!letter.userId().equals(userId)) {
                    writer.add(new StateUpdate.Gone(letter.id()));
                }
            }
        }
    }
}
