package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.ledger.LedgerReader;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfill.Kind;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.update.StateUpdate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResyncsIT {
    private static final Identity BEFORE = new Identity(
            new Identity.Server("7", 1),
            "app",
            "public.users",
            "sync",
            new Identity.Destination("https://api.flameup.ai", "acme", "id"));

    @TempDir
    private Path directory;

    private StateStore store;

    @BeforeEach
    void open() {
        store = StateStore.open(directory);
        store.adopt(BEFORE, "1/2", new Lsn(500));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static Identity of(String table) {
        return new Identity(
                new Identity.Server("8", 3),
                "app2",
                table,
                "sync2",
                new Identity.Destination("https://api.flameup.ai", "acme", "id"));
    }

    @Test
    void begin_resetsSourceInOneTransaction() {
        store.gap("the WAL ended before it");
        store.apply(List.of(
                new StateUpdate.ChangeDeferred(RowKey.of(List.of("1"))),
                new StateUpdate.DeferredDropped(new Lsn(400), RowKey.of(List.of("1")), "1")));
        assertThat(store.deferredChanges().droppedUntil()).isPresent();
        long all = store.backfills().add(Kind.ALL, null, "ann@host").id();
        store.backfills().pause(all);
        Resync asked = store.resyncs().request("as it is", null, "ann@host");
        assertThat(store.resyncs().open()).contains(asked);

        Backfill every = store.resyncs().begin(asked, of("public.users"), "3/4", new Lsn(5), false);

        assertThat(store.identity()).contains(of("public.users"));
        assertThat(store.publication()).contains("3/4");
        assertThat(store.position()).contains(new Lsn(5));
        assertThat(store.gap()).isEmpty();
        assertThat(store.deferredChanges().droppedUntil())
                .as("a place in the former server's WAL")
                .isEmpty();
        assertThat(store.resyncs().open()).isEmpty();
        assertThat(store.resyncs().one(asked.id()).orElseThrow().backfillId()).isEqualTo(every.id());
        assertThat(store.backfills().open()).containsExactly(every);
        assertThat(every.kind()).isEqualTo(Kind.RELOAD);
        Backfill gaveWay = store.backfills().one(all).orElseThrow();
        assertThat(gaveWay.state()).isEqualTo(State.CANCELLED);
        assertThat(gaveWay.reason()).contains("resync");
    }

    @Test
    void begin_voidsAcceptedStatesAndKeepsAddresses() {
        LedgerEntry entry = new LedgerEntry(new Position(new Lsn(9), 0), false, new long[] {7}, new int[] {1, 2, 3});
        store.apply(List.of(new StateUpdate.LedgerChanged("1", entry, Instant.EPOCH)));

        store.resyncs()
                .begin(store.resyncs().request("s", null, "ann@host"), of("public.users"), "3/4", new Lsn(5), false);

        try (LedgerReader ledger = store.persons().ledger()) {
            assertThat(ledger.entry("1")).isEqualTo(LedgerEntry.holding(7));
            store.apply(List.of(new StateUpdate.LedgerChanged("1", entry, Instant.EPOCH)));
            assertThat(ledger.entry("1")).isEqualTo(entry);
        }
    }

    @ParameterizedTest
    @CsvSource({"public.users, true", "public.people, false"})
    void begin_keepsDeferredRowsOfSameTable(String table, boolean stay) {
        store.apply(List.of(new StateUpdate.RereadRequested(RowKey.of(List.of("1")))));

        store.resyncs().begin(store.resyncs().request("s", null, "ann@host"), of(table), "3/4", new Lsn(5), false);

        assertThat(store.deferredRows().isEmpty()).isNotEqualTo(stay);
    }

    @Test
    void secondRequest_updatesFirst() {
        Resync first = store.resyncs().request("one", "a gap", "on-slot-lost");
        Resync second = store.resyncs().request("other", null, "ann@host");

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.source()).isEqualTo("other");
        assertThat(second.requested().by()).isEqualTo("ann@host");
        assertThat(store.resyncs().lastBecauseOfGap())
                .contains(second.requested().at());
    }

    @Test
    void withdraw_removesRequestButNotDoneResync() {
        Resync asked = store.resyncs().request("s", "a gap", "on-slot-lost");
        store.resyncs().withdraw(asked.id());
        assertThat(store.resyncs().one(asked.id())).isEmpty();
        assertThat(store.resyncs().lastBecauseOfGap()).isEmpty();

        Resync again = store.resyncs().request("s", null, "ann@host");
        store.resyncs().begin(again, of("public.users"), "3/4", new Lsn(5), false);
        store.resyncs().withdraw(again.id());
        assertThat(store.resyncs().one(again.id())).isPresent();
    }
}
