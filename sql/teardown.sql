-- Removes what setup.sql and slot.sql made. Stop the sidecar first: a slot in use cannot be dropped.
-- Run it connected to the application's database; it may be run again. Change the names as in setup.sql.

-- First the slot, because it holds back WAL.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'flameup_sync';

DROP PUBLICATION IF EXISTS flameup_sync;

-- The grants. DROP OWNED knows no IF EXISTS, hence the block; it also drops what the role owns in this database, such
-- as a publication that the sidecar made itself.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync') THEN DROP OWNED BY flameup_sync; END IF; END $$;

DROP ROLE IF EXISTS flameup_sync;
