package ai.flameup.sync.backfill;

import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.fence.FenceContext;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.PersonLookup;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.source.fence.UserKeys;

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

    /** Reads the rows of changes that could not carry all of them, or that take an address. */
    KeyLookup rereads() {
        return lookup(KeyLookup.REREAD);
    }

    /** Reads the rows of changes that were deferred. */
    KeyLookup deferredChanges() {
        return lookup(KeyLookup.DEFERRED_CHANGES);
    }

    /** Finds the persons without a row whose deletes were deferred. */
    PersonLookup deferredDeletes() {
        return persons(KeyLookup.DEFERRED_DELETES);
    }

    UserKeys userKeys() {
        return new UserKeys(database, table, mapper.userIdColumn());
    }
}
