-- Backfills that an operator requests, with a condition or a set of keys, and the outcome of their rows. Also the
-- table's catalog version when it was last read: if it has changed, the table may have been renamed for a while.

ALTER TABLE identity ADD COLUMN table_version TEXT;

-- Its text has a new format, so the publication has to be inspected again.
UPDATE identity SET publication = NULL;

-- Recreated for the new states: SQLite cannot change a CHECK.
CREATE TABLE backfill_2 (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'PAUSED', 'DONE', 'CANCELLED', 'FAILED')),
    condition    TEXT,
    key_count    INTEGER,
    last_key     BLOB,
    row_count    INTEGER NOT NULL DEFAULT 0,
    sent         INTEGER NOT NULL DEFAULT 0,
    unchanged    INTEGER NOT NULL DEFAULT 0,
    parked       INTEGER NOT NULL DEFAULT 0,
    requested_at TEXT    NOT NULL,
    requested_by TEXT    NOT NULL,
    started_at   TEXT,
    ended_at     TEXT,
    reason       TEXT
) STRICT;
INSERT INTO backfill_2 (id, kind, state, last_key, row_count, sent, requested_at, requested_by, started_at, ended_at, reason)
    -- Earlier versions had no requested backfills: ALL was created only for a new store with an existing slot.
    SELECT id, iif(kind = 'ALL', 'RELOAD', kind), state, last_key, row_count, row_count, requested_at, requested_by, requested_at, ended_at, reason
    FROM backfill;
DROP TABLE backfill;
ALTER TABLE backfill_2 RENAME TO backfill;
CREATE INDEX backfill_open ON backfill (id) WHERE ended_at IS NULL;

-- The row keys of a backfill that does not cover the whole table, encoded as in a dead letter. Deleted when it ends.
CREATE TABLE backfill_key (
    backfill_id INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    row_key     BLOB    NOT NULL,
    PRIMARY KEY (backfill_id, ordinal)
) STRICT, WITHOUT ROWID;
