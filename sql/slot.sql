-- The replication slot: the server's note of how far flameup-sync has read. Run it last, shortly before the sidecar
-- starts, connected to the application's database, as a superuser or a role with REPLICATION. "flameup-sync run" makes
-- the slot itself if it is missing.
--
-- WARNING: from here on the server keeps all WAL that the sidecar has not confirmed, whether the sidecar runs or not,
-- and in the end fills its disk. Start the sidecar now, and if you give it up, drop the slot (teardown.sql).
-- max_slot_wal_keep_size bounds what is kept, at the price of a slot that is lost when the bound is passed.
--
-- This waits for every transaction that is open at the moment, of every database of the server.
BEGIN;
DO $$ BEGIN
    IF current_database() <> 'app' THEN
        RAISE EXCEPTION 'connected to database %, and this is for %', current_database(), 'app';
    END IF;
END $$;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'flameup_sync' AND (plugin, database) IS DISTINCT FROM ('pgoutput', current_database())) THEN
        RAISE EXCEPTION USING MESSAGE = 'slot flameup_sync is there, but is another''s: its plugin is not pgoutput, or its database not this one; name another in postgres.slot';
    END IF;
END $$;
SELECT pg_create_logical_replication_slot('flameup_sync', 'pgoutput')
    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'flameup_sync');
COMMIT;
