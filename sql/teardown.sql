-- Removes what setup.sql and slot.sql created. Stop the sidecar first: a slot in use cannot be dropped, which is an
-- ERROR. Run it connected to the application's database, best with "psql -v ON_ERROR_STOP=1". In another database it
-- ends with an ERROR and removes nothing. It can be run again. A publication or a role without flameup-sync's comment
-- was not created by it: a NOTICE reports that it is kept.
BEGIN;
DO $$ BEGIN
    IF current_database() <> 'app' THEN
        RAISE EXCEPTION 'connected to database %, but this script is for %', current_database(), 'app';
    END IF;
END $$;

-- First the slot, because it retains WAL.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'flameup_sync' AND (plugin, database) IS DISTINCT FROM ('pgoutput', current_database())) THEN
        RAISE NOTICE USING MESSAGE = 'slot flameup_sync: kept, because it is not a slot of flameup-sync: its plugin is not pgoutput, or its database is not this one';
    ELSE
        PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'flameup_sync';
    END IF;
END $$;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_publication WHERE pubname = 'flameup_sync' AND obj_description(oid, 'pg_publication') LIKE 'made by flameup-sync%') THEN
        DROP PUBLICATION IF EXISTS "flameup_sync";
    ELSIF EXISTS (SELECT FROM pg_publication WHERE pubname = 'flameup_sync') THEN
        RAISE NOTICE USING MESSAGE = 'publication flameup_sync: kept, because flameup-sync did not create it; DROP it yourself if it is unused';
    END IF;
END $$;

-- The rights and the role. The publication's comment notes what setup granted to a role that existed before. Only
-- "flameup-sync teardown" revokes that, so run it before this script. A role that owns objects or has rights
-- elsewhere is not dropped: the server's message names them.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('"public"."users"') AND pg_get_userbyid(relowner) = 'flameup_sync') THEN
        RAISE NOTICE USING MESSAGE = 'role flameup_sync with its rights: kept, because it owns table public.users';
    ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync' AND shobj_description(oid, 'pg_authid') LIKE 'made by flameup-sync%') THEN
        REVOKE SELECT ON "public"."users" FROM "flameup_sync";
        REVOKE USAGE ON SCHEMA "public" FROM "flameup_sync";
        REVOKE CONNECT ON DATABASE "app" FROM "flameup_sync";
    ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync') THEN
        RAISE NOTICE USING MESSAGE = 'role flameup_sync with its rights: kept, because flameup-sync did not create it; DROP it yourself if it is unused';
    END IF;
END $$;
COMMIT;
DO $$ BEGIN
    IF current_database() = 'app' AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync' AND shobj_description(oid, 'pg_authid') LIKE 'made by flameup-sync%') THEN
        DROP ROLE IF EXISTS "flameup_sync";
    END IF;
END $$;
