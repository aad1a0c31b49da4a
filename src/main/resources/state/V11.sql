-- The ledger: one row for each person.
--   user_id      a UUID in its usual form as its 16 bytes, anything else as text
--   address      the first of the addresses that the person may hold at Flameup; null for none
--   resume_at    with ordinal the place of the state that the API accepted last; null if none was accepted
--   accepted_at  when it was accepted, in seconds since the epoch
--   flags        1: that state must be sent once more; 2: there are further addresses; the rest, divided by 4, is the generation
--   hashes       of the address and the traits that the person has at Flameup, 4 bytes each; null if they are not known
-- Nothing here holds an email address or a trait's value: all hashes are keyed.
CREATE TABLE ledger (
    user_id     ANY     NOT NULL PRIMARY KEY,
    address     INTEGER,
    resume_at   INTEGER,
    ordinal     INTEGER,
    accepted_at INTEGER,
    flags       INTEGER NOT NULL,
    hashes      BLOB
) STRICT, WITHOUT ROWID;

-- The addresses of a person but the first.
CREATE TABLE further_address (
    user_id ANY     NOT NULL,
    address INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;

-- An entry of another generation does not record what the API accepted: a resync begins a new one.
ALTER TABLE identity ADD COLUMN ledger_generation INTEGER NOT NULL DEFAULT 0;

INSERT INTO ledger (user_id, address, flags)
    SELECT CASE
               WHEN length(user_id) = 36 AND user_id = lower(user_id) AND substr(user_id, 9, 1) = '-'
                    AND substr(user_id, 14, 1) = '-' AND substr(user_id, 19, 1) = '-' AND substr(user_id, 24, 1) = '-'
                    AND length(unhex(replace(user_id, '-', ''))) = 16
               THEN unhex(replace(user_id, '-', ''))
               ELSE user_id
           END,
           min(address), iif(count(*) > 1, 2, 0)
    FROM held_address GROUP BY user_id;

INSERT INTO further_address
    SELECT ledger.user_id, held_address.address
    FROM held_address JOIN ledger
        ON ledger.user_id = CASE
               WHEN length(held_address.user_id) = 36 AND length(unhex(replace(held_address.user_id, '-', ''))) = 16
                    AND held_address.user_id = lower(held_address.user_id)
               THEN unhex(replace(held_address.user_id, '-', ''))
               ELSE held_address.user_id
           END
    WHERE ledger.flags = 2 AND held_address.address <> ledger.address;

DROP TABLE held_address;

CREATE INDEX ledger_address ON ledger (address) WHERE address IS NOT NULL;
CREATE INDEX further_address_holder ON further_address (address);

-- Whether rows are left out whose state Flameup has already.
ALTER TABLE backfill ADD COLUMN changed_only INTEGER NOT NULL DEFAULT 0;

-- The mapping of the last run, a key in each line; null before it is known.
ALTER TABLE identity ADD COLUMN mapping TEXT;
