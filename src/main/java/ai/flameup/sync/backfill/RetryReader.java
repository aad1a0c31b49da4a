package ai.flameup.sync.backfill;

import static java.util.Objects.requireNonNull;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.StoredKey;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.ArrayList;
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
    private final StoredKeys keys;
    private final Pipeline pipeline;
    /** The letters of the current page by key. */
    private volatile Map<RowKey, List<DeadLetter>> page = Map.of();

    public RetryReader(StateStore store, StateWriter writer, KeyLookup lookup, Pipeline pipeline) {
        this.store = store;
        this.writer = writer;
        this.keys = new StoredKeys(this::page, StoredKeys.Progress.NONE, lookup, KeyLookup.Extension.NONE);
        this.pipeline = pipeline;
    }

    /**
     * Reads the next page, if there is one.
     *
     * @return whether there was one
     */
    public boolean next(CountDownLatch stop) throws InterruptedException {
        Set<RowKey> gone = keys.next(stop);
        if (gone == null) {
            if (keys.last() > 0 && pipeline.isFenceEmpty()) {
                // Letters still under a retry were changed while they were read, or were requested meanwhile.
                writer.flush();
                keys.seek(0);
            }
            return false;
        }
        for (RowKey key : gone) {
            page.getOrDefault(key, List.of()).forEach(letter -> writer.add(new StateUpdate.Gone(letter.id())));
        }
        return true;
    }

    private List<StoredKey> page(long afterId, int limit) {
        Map<RowKey, List<DeadLetter>> next = new LinkedHashMap<>();
        for (DeadLetter letter : store.deadLetters().nextUnderRetry(afterId, limit)) {
            next.computeIfAbsent(requireNonNull(letter.key()), key -> new ArrayList<>())
                    .add(letter);
        }
        page = next;
        List<StoredKey> wanted = new ArrayList<>();
        next.forEach((key, letters) -> wanted.add(new StoredKey(letters.get(0).id(), key)));
        return wanted;
    }

    /**
     * Matches the rows of the page with their letters. If a row maps to another person, or to no person, it does not
     * settle the letter: the row of the letter's person is gone.
     */
    public void mapped(List<MappedRow> mapped) {
        for (MappedRow row : mapped) {
            for (DeadLetter letter : page.getOrDefault(row.key(), List.of())) {
                String mappedId = row.mapped().userId();
                String userId = mappedId == null ? "" : mappedId;
                boolean isNoPerson = row.mapped() instanceof Mapped.Nothing;
                if (letter.userId().isEmpty() && !userId.isEmpty()) {
                    writer.add(new StateUpdate.Identified(letter.id(), userId));
                } else if (isNoPerson || !letter.userId().equals(userId)) {
                    writer.add(new StateUpdate.Gone(letter.id()));
                }
            }
        }
    }
}
