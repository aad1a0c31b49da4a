-- Which publication, by its oid and that of the table's membership, the stream has come through: one that was dropped
-- and made again has the same name, and what was changed in between is missing. Null until it was looked at.

ALTER TABLE identity ADD COLUMN publication TEXT;
