package ai.flameup.sync.backfill;

import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.UserKeys;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.util.List;
import java.util.Set;

/**
 * Finds the rows of those who hold the addresses of other rows by the ledger: a row may have released its address in a change
 * that was deferred, or that a scan has not reached. Read in one snapshot, they can be sent in the order of release. For one
 * thread.
 */
final class HolderRows implements KeyLookup.Extension {
    private final Mapper mapper;
    private final ReleaseOrder order;
    private final UserKeys keys;

    HolderRows(FencedTable table, ReleaseOrder order) {
        this.mapper = table.mapper();
        this.order = order;
        this.keys = table.userKeys();
    }

    @Override
    public UserKeys.Found beyond(List<KeyedRow> rows) {
        Set<String> holders = order.holdersBeyond(rows.stream()
                .map(row -> new MappedRow(row.key(), mapper.map(row.row(), false)))
                .toList());
        return keys.of(holders);
    }
}
