package ai.flameup.sync.state.pending;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.update.StateUpdate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deferred changes and deletes in the store. */
class DeferredChangesIT {
    private static final Instant AT = Instant.parse("2026-11-30T12:00:00Z");

    @TempDir
    private Path directory;

    private StateStore store;

    @BeforeEach
    void open() {
        store = StateStore.open(directory);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static RowKey key(int id) {
        return RowKey.of(List.of("" + id));
    }

    private static StateUpdate change(int id) {
        return new StateUpdate.ChangeDeferred(key(id));
    }

    private List<RowKey> keys() {
        return store.deferredChanges().changes(0, 100).stream()
                .map(StoredKey::key)
                .toList();
    }

    @Test
    void changes_areKeptInTheOrderOfTheirLastDeferral() {
        store.apply(List.of(change(1), change(2), change(3)));
        long last = store.deferredChanges().changes(0, 100).get(2).id();
        store.apply(List.of(change(1)));

        assertThat(keys()).containsExactly(key(2), key(3), key(1));
        assertThat(store.deferredChanges().changes(last, 100)).hasSize(1);
        assertThat(store.deferredChanges().summary().keys()).isEqualTo(3);
    }

    /** It may have been read before the newer change. */
    @Test
    void settledPage_leavesARowThatWasDeferredAgain() {
        store.apply(List.of(change(1), change(2)));
        List<StoredKey> page = store.deferredChanges().changes(0, 100);
        store.apply(List.of(change(1)));

        store.apply(List.of(new StateUpdate.DeferredChangesSent(
                page.get(0).id(), page.get(1).id())));

        assertThat(keys()).containsExactly(key(1));
        assertThat(store.deferredChanges().summary().keys()).isEqualTo(1);
        assertThat(store.deferredChanges().summary().since()).isNotNull();
    }

    @Test
    void idsOfSettledChanges_areNotUsedAgain() {
        store.apply(List.of(change(1)));
        long id = store.deferredChanges().changes(0, 1).get(0).id();
        store.apply(List.of(new StateUpdate.DeferredChangesSent(id, id)));
        assertThat(store.deferredChanges().summary()).isEqualTo(new Deferral(0, null, 0));

        store.apply(List.of(change(2)));

        assertThat(store.deferredChanges().changes(0, 1).get(0).id()).isGreaterThan(id);
    }

    @Test
    void deletes_areKeptByUser() {
        store.apply(List.of(
                new StateUpdate.DeleteDeferred("a", AT),
                new StateUpdate.DeleteDeferred("b", AT),
                new StateUpdate.DeleteDeferred("a", AT.plusSeconds(1))));

        List<DeferredDelete> deletes = store.deferredChanges().deletes(0, 100);
        assertThat(deletes).extracting(DeferredDelete::userId).containsExactly("b", "a");
        assertThat(deletes).extracting(DeferredDelete::at).containsExactly(AT, AT.plusSeconds(1));
        assertThat(store.deferredChanges().summary().keys()).isEqualTo(2);
        store.apply(List.of(new StateUpdate.DeferredDeletesSent(
                deletes.get(0).id(), deletes.get(1).id())));
        assertThat(store.deferredChanges().isEmpty()).isTrue();
    }

    @Test
    void drop_removesTheChangeAndTheDelete_andKeepsThePosition() {
        store.apply(List.of(change(1), change(2), new StateUpdate.DeleteDeferred("1", AT)));
        assertThat(store.deferredChanges().droppedUntil()).isEmpty();

        store.apply(List.of(new StateUpdate.DeferredDropped(new Lsn(7), key(9), "9")));
        assertThat(store.deferredChanges().droppedUntil())
                .as("nothing was dropped")
                .isEmpty();
        store.apply(List.of(new StateUpdate.DeferredDropped(new Lsn(8), key(1), "1")));

        assertThat(keys()).containsExactly(key(2));
        assertThat(store.deferredChanges().summary().keys()).isEqualTo(1);
        assertThat(store.deferredChanges().droppedUntil()).contains(new Lsn(8));
    }
}
