-- Removes what setup.sql and slot.sql made. Stop the sidecar first: a slot in use cannot be dropped.
-- Run it connected to the application's database; it may be run again.

-- First the slot, because it holds back WAL.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'flameup_sync';

DROP PUBLICATION IF EXISTS "flameup_sync";

-- The rights, and the role. If it was there before, leave its last statement out. A role that owns something, or has
-- rights elsewhere, is not dropped: the server says on what.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync') THEN
        REVOKE SELECT ON "public"."users" FROM "flameup_sync";
        REVOKE USAGE ON SCHEMA "public" FROM "flameup_sync";
        REVOKE CONNECT ON DATABASE "app" FROM "flameup_sync";
    END IF;
END $$;
DROP ROLE IF EXISTS "flameup_sync";
