-- Which addresses a person may hold at Flameup, as keyed hashes, and dead letters that are to be sent again.

-- The index carries the person too, because the table has no row ids.
CREATE TABLE held_address (
    user_id TEXT    NOT NULL,
    address INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_address_holder ON held_address (address);

-- SQLite's generator is ChaCha20 with a seed of the operating system's. That is enough here: whoever reads the hashes
-- reads the key beside them, so it only has to differ from store to store, that hashes of two cannot be compared or
-- looked up in a table made beforehand.
CREATE TABLE secret (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key BLOB    NOT NULL
) STRICT;
INSERT INTO secret VALUES (1, randomblob(32));

-- asked = delivered + refused + gone when it has ended.
CREATE TABLE retry (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    requested_at TEXT    NOT NULL,
    requested_by TEXT    NOT NULL,
    asked        INTEGER NOT NULL DEFAULT 0,
    delivered    INTEGER NOT NULL DEFAULT 0,
    refused      INTEGER NOT NULL DEFAULT 0,
    gone         INTEGER NOT NULL DEFAULT 0,
    ended_at     TEXT
) STRICT;
CREATE INDEX retry_open ON retry (id) WHERE ended_at IS NULL;

-- Made anew for AUTOINCREMENT: an id that somebody has read from a list must never become another person's.
CREATE TABLE dead_letter_2 (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT    NOT NULL,
    row_key    BLOB,
    status     INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    request_id TEXT,
    parked_at  TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    retry_id   INTEGER REFERENCES retry (id),
    CHECK (retry_id IS NULL OR row_key IS NOT NULL)
) STRICT;
INSERT INTO dead_letter_2 (id, user_id, row_key, status, reason, request_id, parked_at, attempts)
    SELECT id, user_id, row_key, status, reason, request_id, parked_at, attempts FROM dead_letter;
DROP TABLE dead_letter;
ALTER TABLE dead_letter_2 RENAME TO dead_letter;

CREATE UNIQUE INDEX dead_letter_person ON dead_letter (user_id) WHERE user_id <> '';
CREATE UNIQUE INDEX dead_letter_row ON dead_letter (row_key) WHERE user_id = '';
CREATE INDEX dead_letter_of_retry ON dead_letter (retry_id) WHERE retry_id IS NOT NULL;
CREATE INDEX dead_letter_under_retry ON dead_letter (id) WHERE retry_id IS NOT NULL;
