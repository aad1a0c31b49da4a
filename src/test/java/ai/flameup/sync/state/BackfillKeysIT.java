package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.pending.StoredKey;
import ai.flameup.sync.state.update.StateUpdate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of a backfill that has ended are deleted in pieces, so that nothing else waits for the store for long. */
class BackfillKeysIT {
    private static final int KEYS = 50_000;
    /** What one transaction deletes at most. */
    private static final int PIECE = 10_000;

    @TempDir
    private Path directory;

    private static long add(StateStore store) {
        return store.backfills()
                .addKeys(
                        false,
                        pages -> {
                            for (int page = 0; page < KEYS; page += 10_000) {
                                pages.accept(IntStream.range(page, page + 10_000)
                                        .mapToObj(BackfillKeysIT::key)
                                        .toList());
                            }
                        },
                        "ann@host")
                .id();
    }

    private static RowKey key(int value) {
        return RowKey.of(List.of(Integer.toString(value)));
    }

    private static int left(StateStore store, long id) {
        return store.backfills().keys(id, 0, KEYS).size();
    }

    @Test
    void cancelledBackfill_keysAreDeletedInSteps() {
        try (StateStore store = StateStore.open(directory)) {
            long id = add(store);

            assertThat(store.backfills().cancel(id)).isTrue();

            int before = left(store, id);
            assertThat(before).isBetween(KEYS - PIECE, KEYS - 1);
            while (store.backfills().sweep()) {
                int now = left(store, id);
                assertThat(before - now).isBetween(1, PIECE);
                before = now;
            }
            assertThat(left(store, id)).isZero();
        }
    }

    @Test
    void doneBackfill_keysAreSwept() {
        try (StateStore store = StateStore.open(directory)) {
            long id = add(store);
            store.backfills().start(id);

            store.apply(List.of(new StateUpdate.BackfillDone(id, Instant.now())));

            assertThat(left(store, id)).isBetween(KEYS - PIECE, KEYS - 1);
        }
    }

    @Test
    void keysBeingAdded_areNotSwept() {
        try (StateStore store = StateStore.open(directory)) {
            long id = store.backfills()
                    .addKeys(
                            false,
                            pages -> {
                                pages.accept(List.of(key(1)));
                                assertThat(store.backfills().sweep()).isFalse();
                                pages.accept(List.of(key(2)));
                            },
                            "ann@host")
                    .id();

            assertThat(store.backfills().sweep()).isFalse();
            assertThat(store.backfills().keys(id, 0, 10))
                    .containsExactly(new StoredKey(1, key(1)), new StoredKey(2, key(2)));
        }
    }
}
