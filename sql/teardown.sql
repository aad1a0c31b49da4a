-- Removes what setup.sql and slot.sql made. Stop the sidecar first: a slot in use cannot be dropped, and is an ERROR.
-- Run it connected to the application's database (another is an ERROR, and nothing is removed), best with
-- "psql -v ON_ERROR_STOP=1"; it may be run again.
-- A publication and a role without our mark, their comment, are another's: they are left, and a NOTICE says so.
BEGIN;
DO $$ BEGIN
    IF current_database() <> 'app' THEN
        RAISE EXCEPTION 'connected to database %, and this is for %', current_database(), 'app';
    END IF;
END $$;

-- First the slot, because it holds back WAL.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'flameup_sync' AND (plugin, database) IS DISTINCT FROM ('pgoutput', current_database())) THEN
        RAISE NOTICE USING MESSAGE = 'slot flameup_sync: left, because it is another''s: its plugin is not pgoutput, or its database not this one';
    ELSE
        PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'flameup_sync';
    END IF;
END $$;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_publication WHERE pubname = 'flameup_sync' AND obj_description(oid, 'pg_publication') LIKE 'made by flameup-sync%') THEN
        DROP PUBLICATION IF EXISTS "flameup_sync";
    ELSIF EXISTS (SELECT FROM pg_publication WHERE pubname = 'flameup_sync') THEN
        RAISE NOTICE USING MESSAGE = 'publication flameup_sync: left, because flameup-sync did not make it; DROP it yourself where nobody needs it';
    END IF;
END $$;

-- The rights, and the role. What a role was given that was there before is noted in the publication's comment:
-- "flameup-sync teardown" takes that from it, and must then come before this. A role that owns something, or has
-- rights elsewhere, is not dropped: the server says on what.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('"public"."users"') AND pg_get_userbyid(relowner) = 'flameup_sync') THEN
        RAISE NOTICE USING MESSAGE = 'role flameup_sync with its rights: left, because it owns table public.users';
    ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync' AND shobj_description(oid, 'pg_authid') LIKE 'made by flameup-sync%') THEN
        REVOKE SELECT ON "public"."users" FROM "flameup_sync";
        REVOKE USAGE ON SCHEMA "public" FROM "flameup_sync";
        REVOKE CONNECT ON DATABASE "app" FROM "flameup_sync";
    ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync') THEN
        RAISE NOTICE USING MESSAGE = 'role flameup_sync with its rights: left, because flameup-sync did not make it; DROP it yourself where nobody needs it';
    END IF;
END $$;
COMMIT;
DO $$ BEGIN
    IF current_database() = 'app' AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync' AND shobj_description(oid, 'pg_authid') LIKE 'made by flameup-sync%') THEN
        DROP ROLE IF EXISTS "flameup_sync";
    END IF;
END $$;
