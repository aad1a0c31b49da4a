package ai.flameup.sync.resume;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.RowKeyColumns;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.StoredKey;
import ai.flameup.sync.state.update.StateUpdate;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a start converts the keys in the store without querying the server for rows. */
class KeyColumnsIT {
    @TempDir
    private Path directory;

    private final Database unasked = new Database(new PostgresSettings(
            new PostgresSettings.Login("jdbc:postgresql://127.0.0.1:1/app", "sync", () -> ""),
            "public",
            "users",
            "slot",
            "publication"));

    private StateStore store;

    @BeforeEach
    void open() {
        store = StateStore.open(directory);
        store.adopt(
                new Identity(
                        new Identity.Server("1", 1),
                        "app",
                        "public.users",
                        "slot",
                        new Identity.Destination("https://api", "demo", "id")),
                "1/2",
                new Lsn(1));
    }

    @AfterEach
    void close() {
        store.close();
        unasked.close();
    }

    private static Catalog catalog(List<String> key, List<String> ids) {
        Map<String, Column> columns = key.stream()
                .map(name -> new Column(name, "bigint", 20))
                .collect(Collectors.toMap(Column::name, Function.identity()));
        return new Catalog(
                new Catalog.Server("1", 1, "app"),
                columns,
                key.stream().map(columns::get).toList(),
                ids);
    }

    private void defer(String... key) {
        store.apply(List.of(new StateUpdate.RereadRequested(RowKey.of(List.of(key)))));
    }

    private List<RowKey> deferred() {
        return store.deferredRows().page(0, 10).stream().map(StoredKey::key).toList();
    }

    @Test
    void columns_renamed_keepTheKeys() {
        new KeyColumns(unasked, store).match(catalog(List.of("id"), List.of("16384.1")));
        defer("1");

        new KeyColumns(unasked, store).match(catalog(List.of("user_id"), List.of("16384.1")));

        assertThat(deferred()).containsExactly(RowKey.of(List.of("1")));
        assertThat(store.keys().columns()).contains(new RowKeyColumns.Columns(List.of("user_id"), List.of("16384.1")));
    }

    @Test
    void storeWithoutColumns_dropsKeysOfAnotherSize() {
        defer("1");
        defer("2", "a");

        new KeyColumns(unasked, store).match(catalog(List.of("id", "at"), List.of("16384.1", "16384.2")));

        assertThat(deferred()).containsExactly(RowKey.of(List.of("2", "a")));
        assertThat(store.backfills().open()).extracting(Backfill::kind).containsExactly(Backfill.Kind.RELOAD);
    }

    @Test
    void storeWithoutColumns_keepsKeysOfTheSameSize() {
        defer("1");

        new KeyColumns(unasked, store).match(catalog(List.of("id"), List.of("16384.1")));

        assertThat(deferred()).containsExactly(RowKey.of(List.of("1")));
        assertThat(store.backfills().open()).isEmpty();
    }
}
