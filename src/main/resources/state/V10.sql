-- Of which columns of the primary key the row keys in the store are: their names, and what identifies them in the catalog, both
-- written as a row key is; null before they are known. And since when each row waits to be read again.

ALTER TABLE identity ADD COLUMN key_columns BLOB;
ALTER TABLE identity ADD COLUMN key_column_ids BLOB;

-- The last change of a row's primary key that the dead letters have followed: its place in the stream.
ALTER TABLE identity ADD COLUMN rekeyed_lsn TEXT;
ALTER TABLE identity ADD COLUMN rekeyed_ordinal INTEGER;

ALTER TABLE deferred ADD COLUMN since TEXT NOT NULL DEFAULT '';
UPDATE deferred SET since = strftime('%Y-%m-%dT%H:%M:%fZ', 'now');

-- A row that gets another primary key takes its letters along.
CREATE INDEX dead_letter_of_key ON dead_letter (row_key) WHERE row_key IS NOT NULL;
