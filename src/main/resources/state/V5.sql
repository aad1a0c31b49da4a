-- Backfills that somebody asks for: a condition or a set of keys, and what became of their rows. And the table as the
-- catalog had it when it was last looked at: where that has changed, the table may have borne another name for a while.

ALTER TABLE identity ADD COLUMN table_version TEXT;

-- It is told in another way now, and so has to be looked at anew.
UPDATE identity SET publication = NULL;

-- Made anew for the states: SQLite cannot change a CHECK.
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
    -- Nobody could ask for one before: it was made where the store was new and the slot was there.
    SELECT id, iif(kind = 'ALL', 'RELOAD', kind), state, last_key, row_count, row_count, requested_at, requested_by, requested_at, ended_at, reason
    FROM backfill;
DROP TABLE backfill;
ALTER TABLE backfill_2 RENAME TO backfill;
CREATE INDEX backfill_open ON backfill (id) WHERE ended_at IS NULL;

-- The rows of a backfill that is not of the whole table, as in a dead letter. They go with its end.
CREATE TABLE backfill_key (
    backfill_id INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    row_key     BLOB    NOT NULL,
    PRIMARY KEY (backfill_id, ordinal)
) STRICT, WITHOUT ROWID;
