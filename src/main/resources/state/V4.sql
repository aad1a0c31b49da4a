-- Rows that are to be read again, because a change could not carry all of them: their keys, as in a dead letter. A row that
-- is asked for again has a new id, so that what was read before does not settle it.

CREATE TABLE deferred (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    row_key BLOB    NOT NULL UNIQUE
) STRICT;
