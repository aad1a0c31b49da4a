package ai.flameup.sync.state.pending;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill.Kind;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.update.StateUpdate.BackfillDone;
import ai.flameup.sync.state.update.StateUpdate.Progress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackfillsIT {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

    @TempDir
    private Path directory;

    private StateStore store;
    private Backfills backfills;

    @BeforeEach
    void open() {
        store = StateStore.open(directory);
        backfills = store.backfills();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private State state(long id) {
        return backfills.one(id).orElseThrow().state();
    }

    private static RowKey key(int value) {
        return RowKey.of(List.of(Integer.toString(value)));
    }

    private List<RowKey> keys(long id, long afterOrdinal, int limit) {
        return backfills.keys(id, afterOrdinal, limit).stream()
                .map(StoredKey::key)
                .toList();
    }

    @Test
    void start_pausedBackfill_returnsFalse() {
        long id = backfills.add(Kind.WHERE, "id > 5", "ann@host").id();
        assertThat(backfills.one(id).orElseThrow().condition()).isEqualTo("id > 5");
        assertThat(state(id)).isEqualTo(State.QUEUED);

        assertThat(backfills.pause(id)).isTrue();
        assertThat(backfills.start(id)).isFalse();
        assertThat(backfills.one(id).orElseThrow().course().startedAt()).isNull();
        assertThat(state(id)).isEqualTo(State.PAUSED);

        assertThat(backfills.resume(id)).isTrue();
        assertThat(backfills.resume(id)).isFalse();
        assertThat(backfills.start(id)).isTrue();
        assertThat(state(id)).isEqualTo(State.RUNNING);
        assertThat(backfills.one(id).orElseThrow().course().startedAt()).isNotNull();
    }

    @Test
    void endedBackfill_cannotBeChanged() {
        long id = backfills.add(Kind.ALL, null, "ann@host").id();
        store.apply(List.of(new BackfillDone(id, NOW)));

        assertThat(backfills.pause(id)).isFalse();
        assertThat(backfills.resume(id)).isFalse();
        assertThat(backfills.cancel(id)).isFalse();
        assertThat(backfills.start(id)).isFalse();
        assertThat(state(id)).isEqualTo(State.DONE);
        assertThat(backfills.pause(99)).isFalse();
        assertThat(backfills.cancel(99)).isFalse();
    }

    @Test
    void cancelledBackfill_lateUpdates_staysCancelled() {
        Backfill asked = backfills.addKeys(false, pages -> pages.accept(List.of(key(1), key(2))), "ann@host");
        backfills.start(asked.id());
        assertThat(backfills.cancel(asked.id())).isTrue();
        store.apply(List.of(
                new Progress(asked.id(), key(1), new Backfill.Tally(1, 0, 0, 1)), new BackfillDone(asked.id(), NOW)));

        Backfill left = backfills.one(asked.id()).orElseThrow();
        assertThat(left.state()).isEqualTo(State.CANCELLED);
        assertThat(left.tally()).isEqualTo(new Backfill.Tally(1, 0, 0, 1));
        assertThat(backfills.open()).isEmpty();
        assertThat(backfills.keys(asked.id(), 0, 10)).isEmpty();
    }

    @Test
    void keys_areReadInPagesFromLastOrdinal() {
        List<RowKey> keys = new ArrayList<>(
                IntStream.range(0, 4_500).mapToObj(BackfillsIT::key).toList());
        Backfill asked = backfills.addKeys(
                false,
                pages -> {
                    pages.accept(keys.subList(0, 2_000));
                    pages.accept(keys.subList(2_000, 4_500));
                },
                "ann@host");

        assertThat(asked.state()).isEqualTo(State.QUEUED);
        assertThat(asked.course().endedAt()).isNull();
        assertThat(asked.reason()).isNull();
        assertThat(asked.keys()).isEqualTo(4_500);
        assertThat(keys(asked.id(), 0, 10_000)).isEqualTo(keys);
        assertThat(keys(asked.id(), 4_498, 10)).containsExactly(key(4_498), key(4_499));
        store.apply(List.of(new Progress(asked.id(), key(2_000), new Backfill.Tally(2_000, 2_000, 0, 0))));
        assertThat(backfills.one(asked.id()).orElseThrow().lastOrdinal()).isEqualTo(2_000);
    }

    @Test
    void restartSearch_deletesKeysOfEarlierProcess() {
        long id = backfills.add(Kind.WHERE, "true", "ann@host").id();
        backfills.addKeys(id, 0, List.of(key(1), key(2)));
        assertThat(backfills.one(id).orElseThrow().keys()).isNull();

        backfills.restartSearch(id);
        backfills.addKeys(id, 0, List.of(key(3)));
        backfills.keysComplete(id, 1);

        assertThat(keys(id, 0, 10)).containsExactly(key(3));
        assertThat(backfills.one(id).orElseThrow().keys()).isEqualTo(1);
    }

    @Test
    void found_cancelledBackfill_keysAreIgnored() {
        long id = backfills.add(Kind.WHERE, "true", "ann@host").id();
        backfills.start(id);
        backfills.addKeys(id, 0, List.of(key(1)));
        backfills.cancel(id);
        backfills.addKeys(id, 1, List.of(key(2)));
        assertThat(keys(id, 0, 10)).isEmpty();
    }

    @Test
    void page_listsAllBackfillsInOrder() {
        for (int i = 0; i < 3; i++) {
            backfills.add(Kind.ALL, null, "ann@host");
        }
        List<Backfill> first = backfills.page(0, 2);
        assertThat(first).hasSize(2);
        assertThat(backfills.page(first.get(1).id(), 2)).hasSize(1);
    }
}
