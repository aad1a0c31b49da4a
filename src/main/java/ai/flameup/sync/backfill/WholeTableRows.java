package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.state.pending.Backfill;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The rows of a backfill of every row. For one thread. */
final class WholeTableRows implements BackfillRows {
    private final Scan scan;
    private @Nullable RowKey after;
    private boolean read;

    WholeTableRows(FencedTable table, Backfill backfill) {
        this.scan = table.scan(backfill.id());
        this.after = backfill.lastKey();
    }

    @Override
    public void next(CountDownLatch stop) throws InterruptedException {
        RowKey reached = scan.next(after, stop);
        if (reached == null) {
            read = stop.getCount() > 0;
        } else {
            after = reached;
        }
    }

    @Override
    public boolean isRead() {
        return read;
    }
}
