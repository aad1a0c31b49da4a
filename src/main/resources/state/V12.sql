-- Changes that were not sent, so that the position could pass them. Their rows are read and sent later, in the order of the ids,
-- which are never used again: a row whose change is deferred once more while it is read has a larger id.

CREATE TABLE deferred_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    row_key BLOB NOT NULL UNIQUE
);

-- Deletes of that kind. The person is marked as deleted, unless it has a row by then.

CREATE TABLE deferred_delete (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL UNIQUE,
    deleted_at TEXT NOT NULL
);

-- How many there are in both tables, which may be millions; since when there have been some, null without any; and the newest
-- position of a change in place of which one was removed: until the stream has passed it, an address may be held by a person whose
-- newer state comes later.

CREATE TABLE deferral (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    keys INTEGER NOT NULL,
    since TEXT,
    dropped_until TEXT
);

INSERT INTO deferral VALUES (1, 0, NULL, NULL);
