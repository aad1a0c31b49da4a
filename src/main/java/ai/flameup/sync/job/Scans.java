package ai.flameup.sync.job;

import ai.flameup.sync.pipeline.Event;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfills;
import java.util.HashMap;
import java.util.Map;

/** What the scans of a run are for. For the stream's thread. */
final class Scans {
    private final Backfills backfills;
    private final boolean skipsUnchanged;
    private final Map<Long, Event.Scan> known = new HashMap<>();
    private final Map<Long, Boolean> persons = new HashMap<>();

    /** @param skipsUnchanged whether a row that is read again is not sent if the API has its state */
    Scans(Backfills backfills, boolean skipsUnchanged) {
        this.backfills = backfills;
        this.skipsUnchanged = skipsUnchanged;
    }

    /** @param id of a backfill, or of {@link KeyLookup} */
    Event.Scan of(long id) {
        return known.computeIfAbsent(
                id, any -> new Event.Scan(id, sendsUnchanged(id), id < KeyLookup.NO_SCAN, id == KeyLookup.REREAD));
    }

    /** Whether the scan looks for persons without a row. */
    boolean isOfPersons(long id) {
        return id == KeyLookup.DEFERRED_DELETES
                || (id > KeyLookup.NO_SCAN
                        && persons.computeIfAbsent(id, any -> backfills
                                .one(id)
                                .filter(one -> one.kind() == Backfill.Kind.GONE)
                                .isPresent()));
    }

    private boolean sendsUnchanged(long id) {
        if (id < KeyLookup.NO_SCAN) {
            return !skipsUnchanged;
        }
        return id <= KeyLookup.NO_SCAN
                || !backfills.one(id).map(Backfill::changedOnly).orElse(false);
    }
}
