-- Changes of watched tables, whose rows in our table are to be found and read again. Changes with the same values are one. The ids
-- are never used again: a change that arrives once more during the search has a larger id.

CREATE TABLE search (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Which table is watched, and by which columns.
    watch TEXT NOT NULL,
    -- The values of these columns; empty if they are not known, so that every row may be concerned.
    matched BLOB NOT NULL,
    since TEXT NOT NULL,
    UNIQUE (watch, matched)
);
