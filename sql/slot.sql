-- The replication slot, in which the server stores how far flameup-sync has read. Run this last, shortly before the
-- sidecar starts, connected to the application's database, as a superuser or a role with REPLICATION. "flameup-sync
-- run" creates the slot itself if it is missing.
--
-- WARNING: from now on the server retains all WAL that the sidecar has not acknowledged, even while the sidecar is
-- stopped, and in the end its disk fills up. Start the sidecar now. If you stop using it, drop the slot
-- (teardown.sql). max_slot_wal_keep_size limits the retained WAL, but the slot is lost when the limit is exceeded.
--
-- This waits for every open transaction, in all databases of the server.
BEGIN;
DO $$ BEGIN
    IF current_database() <> 'app' THEN
        RAISE EXCEPTION 'connected to database %, but this script is for %', current_database(), 'app';
    END IF;
END $$;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'flameup_sync' AND (plugin, database) IS DISTINCT FROM ('pgoutput', current_database())) THEN
        RAISE EXCEPTION USING MESSAGE = 'slot flameup_sync exists, but is not a slot of flameup-sync: its plugin is not pgoutput, or its database is not this one; choose another name in postgres.slot';
    END IF;
END $$;
SELECT pg_create_logical_replication_slot('flameup_sync', 'pgoutput')
    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'flameup_sync');
COMMIT;
