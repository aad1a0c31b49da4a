-- Requests for a resync: a new slot and a backfill of every row. Also the text of a reported gap that a later check
-- would no longer detect; null if there is no gap.

ALTER TABLE identity ADD COLUMN gap TEXT;

-- A received heartbeat and the LSN at which the server wrote it. If the server's WAL does not contain it, the database
-- was restored from a backup. Null if no heartbeat was received.
ALTER TABLE identity ADD COLUMN witness TEXT;
ALTER TABLE identity ADD COLUMN witness_lsn TEXT;

-- source identifies the source of the requesting command, so that a run with another configuration ignores the request.
CREATE TABLE resync (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    source       TEXT    NOT NULL,
    gap          TEXT,
    requested_at TEXT    NOT NULL,
    requested_by TEXT    NOT NULL,
    backfill_id  INTEGER,
    done_at      TEXT
) STRICT;
-- At most one open request: a second one joins the first.
CREATE UNIQUE INDEX resync_open ON resync (done_at IS NULL) WHERE done_at IS NULL;
