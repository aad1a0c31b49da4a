package ai.flameup.sync.source.stream;

import ai.flameup.sync.change.RowChange;
import java.util.List;

/**
 * Consecutive changes of one transaction.
 *
 * @param relayed whether the transaction was replicated from another server
 * @param bytes an estimate of the memory of the rows
 */
record RowBundle(RowChange.Commit commit, boolean relayed, List<StreamedChange> rows, long bytes) {}
