-- Times are ISO 8601 in UTC, positions are as Postgres prints a pg_lsn, row keys are UTF-8 with the columns separated by
-- a zero byte. Nothing here holds an email address that is not a key, or a trait's value.

CREATE TABLE identity (
    one               INTEGER PRIMARY KEY CHECK (one = 1),
    system_identifier TEXT    NOT NULL,
    timeline          INTEGER NOT NULL,
    database_name     TEXT    NOT NULL,
    table_name        TEXT    NOT NULL,
    slot              TEXT    NOT NULL,
    base_url          TEXT    NOT NULL,
    workspace         TEXT    NOT NULL,
    user_id_column    TEXT    NOT NULL
) STRICT;

CREATE TABLE position (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    lsn TEXT    NOT NULL
) STRICT;

CREATE TABLE backfill (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('RUNNING', 'PAUSED', 'DONE', 'CANCELLED', 'FAILED')),
    last_key     BLOB,
    row_count    INTEGER NOT NULL DEFAULT 0,
    requested_at TEXT    NOT NULL,
    requested_by TEXT    NOT NULL,
    ended_at     TEXT,
    reason       TEXT
) STRICT;

CREATE TABLE dead_letter (
    id         INTEGER PRIMARY KEY,
    user_id    TEXT    NOT NULL,
    row_key    BLOB,
    status     INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    request_id TEXT,
    parked_at  TEXT    NOT NULL,
    attempts   INTEGER NOT NULL
) STRICT;

-- One a person; where the person is not known, one a row.
CREATE UNIQUE INDEX dead_letter_person ON dead_letter (user_id) WHERE user_id <> '';
CREATE UNIQUE INDEX dead_letter_row ON dead_letter (row_key) WHERE user_id = '';

CREATE TABLE run (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    mode       TEXT    NOT NULL,
    started_at TEXT    NOT NULL,
    ended_at   TEXT,
    exit_code  INTEGER,
    delivered  INTEGER,
    parked     INTEGER,
    requests   INTEGER
) STRICT;
