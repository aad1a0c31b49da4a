-- Requests to begin anew from the source as it is, with a new slot and every row. And a gap that a later look would not
-- show any more, as it was told; null where there is none.

ALTER TABLE identity ADD COLUMN gap TEXT;

-- A heartbeat that has come through, and where the server wrote it: a server whose WAL does not hold it is an older one that
-- was put back. Null where none has.
ALTER TABLE identity ADD COLUMN witness TEXT;
ALTER TABLE identity ADD COLUMN witness_lsn TEXT;

-- source is what the asking one took for it, so that a run with another configuration does not do it.
CREATE TABLE resync (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    source       TEXT    NOT NULL,
    gap          TEXT,
    requested_at TEXT    NOT NULL,
    requested_by TEXT    NOT NULL,
    backfill_id  INTEGER,
    done_at      TEXT
) STRICT;
-- One at a time: a second request is the first.
CREATE UNIQUE INDEX resync_open ON resync (done_at IS NULL) WHERE done_at IS NULL;
