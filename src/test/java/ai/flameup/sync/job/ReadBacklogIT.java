package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.Searches.Search;
import ai.flameup.sync.state.update.StateUpdate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A finite run ends although changes add rows to read all the time. */
class ReadBacklogIT {
    @TempDir
    Path directory;

    private StateStore store;
    private StateWriter writer;
    private ReadBacklog backlog;

    @BeforeEach
    void open() {
        store = StateStore.open(directory);
        writer = new StateWriter(store, Duration.ofMillis(1), position -> {}, fault -> {
            throw fault;
        });
        backlog = new ReadBacklog(store, writer);
    }

    @AfterEach
    void close() {
        writer.close();
        store.close();
    }

    private void search(int number) {
        writer.add(new StateUpdate.SearchRequested(
                new WatchedChange("watch", RowKey.of(List.of("" + number))), Instant.EPOCH));
        writer.flush();
    }

    private void find(RowKey row) {
        Search oldest = store.searches().next(1).get(0);
        writer.add(new StateUpdate.RereadRequested(row, Instant.EPOCH));
        writer.add(new StateUpdate.SearchDone(oldest.id()));
    }

    @Test
    void emptyStore_isRead() {
        assertThat(backlog.isRead()).isTrue();
    }

    @Test
    void oldSearch_isAwaitedWithItsRows() {
        search(0);
        for (int i = 1; i < 50; i++) {
            search(i);
            assertThat(backlog.isRead()).isFalse();
        }
        find(RowKey.of(List.of("1")));
        assertThat(backlog.isRead()).isFalse();
    }

    @Test
    void rowsThatAreAddedAllTheTime_areNotAwaited() {
        search(0);
        int checks = 0;
        while (!backlog.isRead()) {
            assertThat(++checks).isLessThan(1_000);
            search(checks);
            find(RowKey.of(List.of("" + checks)));
            long row = store.deferredRows().newest();
            writer.add(new StateUpdate.RereadDone(0, row - 1));
            writer.flush();
        }
        assertThat(checks).isGreaterThan(10);
        assertThat(store.searches().isEmpty()).isFalse();
    }
}
