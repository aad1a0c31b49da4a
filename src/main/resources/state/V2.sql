-- The addresses that a person may hold at Flameup, as keyed hashes, and requests to retry dead letters.

-- The index contains the person too, because the table has no row ids.
CREATE TABLE held_address (
    user_id TEXT    NOT NULL,
    address INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_address_holder ON held_address (address);

-- SQLite's generator is ChaCha20, seeded by the operating system. That is enough here: a reader of the hashes can read
-- the key too. The key only has to differ between stores, so that hashes of two stores cannot be compared and no
-- precomputed table of hashes applies.
CREATE TABLE secret (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key BLOB    NOT NULL
) STRICT;
INSERT INTO secret VALUES (1, randomblob(32));

-- asked = delivered + refused + gone once the retry has ended.
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

-- Recreated for AUTOINCREMENT: an id that an operator has read from a list must never be reused for another person.
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
