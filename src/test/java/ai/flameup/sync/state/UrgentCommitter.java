package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.ledger.LedgerRows;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A process that makes urgent commits until it is killed, and prints the number of each that is reported. */
final class UrgentCommitter {
    private UrgentCommitter() {}

    public static void main(String[] args) {
        StateStore store = StateStore.open(Path.of(args[0]));
        store.adopt(
                new Identity(new Identity.Server("1", 1), "d", "t", "s", new Identity.Destination("u", "w", "c")),
                "1/2",
                new Lsn(0));
        StateWriter writer = new StateWriter(
                store, Duration.ofMillis(20), position -> System.out.println("moved " + position), fault -> {
                    throw fault;
                });
        Semaphore window = new Semaphore(4);
        for (int i = 1; ; i++) {
            int number = i;
            window.acquireUninterruptibly();
            writer.addUrgent(List.of(LedgerRows.holds("user-" + number, number)), () -> {
                System.out.println("held " + number);
                window.release();
            });
            writer.add(new PositionAdvanced(new Lsn(number)));
        }
    }
}
