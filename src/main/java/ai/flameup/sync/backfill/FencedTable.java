package ai.flameup.sync.backfill;

import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.FenceContext;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.PersonLookup;
import ai.flameup.sync.source.fence.Scan;

/** A table whose rows are read through the fence, and how they become persons. */
public record FencedTable(Database database, Table table, Mapper mapper, FenceContext fencing) {
    /** Reads every row. */
    Scan scan(long id) {
        return new Scan(id, database, table, fencing);
    }

    /** Reads the rows of given keys. */
    KeyLookup lookup(long id) {
        return new KeyLookup(id, database, table, fencing);
    }

    /** Finds persons without a row. */
    PersonLookup persons(long id) {
        return new PersonLookup(id, database, table, mapper.userIdColumn(), fencing);
    }

    /** Reads the rows of dead letters that are sent again. */
    public KeyLookup retries() {
        return lookup(KeyLookup.NO_SCAN);
    }

    /** Reads the rows of changes that could not carry all of them. */
    public KeyLookup rereads() {
        return lookup(KeyLookup.DEFERRED);
    }
}
