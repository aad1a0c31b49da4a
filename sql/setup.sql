-- What flameup-sync needs in the application's database. An administrator reads it, changes it if necessary, and runs
-- it once, connected to that database. "flameup-sync setup" does the same. "setup --print-sql" prints this script for
-- your configuration. The script can be run again. It ends with an ERROR in the wrong database, and if an existing
-- object has one of these names and cannot be used. It is one transaction, so an ERROR undoes all of it. By default
-- psql continues after an ERROR and exits with status 0: run it with "-v ON_ERROR_STOP=1".
--
-- The server needs wal_level = logical (which takes a restart), a free slot of max_replication_slots, a free one of
-- max_wal_senders, and a line in pg_hba.conf that lets the role connect to the database. That line names the
-- database: the keyword "replication" does not cover logical replication.
BEGIN;
DO $$ BEGIN
    IF current_database() <> 'app' THEN
        RAISE EXCEPTION 'connected to database %, but this script is for %', current_database(), 'app';
    END IF;
END $$;

-- REPLICATION allows the role to read the changes of every published table of the server, so protect its password
-- like that of a backup. The role cannot write. On Amazon RDS and Aurora, omit REPLICATION and GRANT rds_replication
-- to the role. A role that already exists keeps the rights that this script grants when the rest is removed: only
-- "flameup-sync setup" notes them.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync') THEN
        CREATE ROLE "flameup_sync" LOGIN REPLICATION;
        COMMENT ON ROLE "flameup_sync" IS 'made by flameup-sync';
    ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync' AND NOT rolcanlogin) THEN
        RAISE EXCEPTION USING MESSAGE = 'role flameup_sync exists, but may not log in; ALTER ROLE "flameup_sync" LOGIN, or name another role in postgres.username';
    ELSIF NOT (SELECT m.rolreplication OR m.rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN ('rds_replication', 'azure_pg_admin') AND pg_has_role(m.oid, r.oid, 'usage')) FROM pg_roles m WHERE m.rolname = 'flameup_sync') THEN
        ALTER ROLE "flameup_sync" REPLICATION;
    END IF;
END $$;

-- Set a password in psql, which sends only a verifier of it to the server:
-- \password "flameup_sync"

-- Rows are also read by SELECT: in the first load, in backfills, and to compare. Only the primary key and the mapped
-- columns are granted. If you map another column later, grant it then.
GRANT CONNECT ON DATABASE "app" TO "flameup_sync";
GRANT USAGE ON SCHEMA "public" TO "flameup_sync";
GRANT SELECT ("id", "email", "first_name", "last_name", "phone", "avatar_url", "timezone", "locale") ON "public"."users" TO "flameup_sync";

-- Without a column list, on purpose: with one, migrations that drop or retype a listed column fail, and under REPLICA
-- IDENTITY FULL every UPDATE and DELETE of the application fails. Columns that are not mapped reach the sidecar,
-- which drops them while reading: they are not stored, logged or sent. The table needs a primary key, or the
-- application's UPDATEs and DELETEs fail as soon as it is published. publish_via_partition_root publishes the changes
-- of partitions under the table's own name; without partitions it has no effect.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'flameup_sync') THEN
        CREATE PUBLICATION "flameup_sync" FOR TABLE "public"."users" WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);
        COMMENT ON PUBLICATION "flameup_sync" IS 'made by flameup-sync';
    ELSIF NOT EXISTS (
            SELECT FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
            WHERE p.pubname = 'flameup_sync' AND r.prrelid = to_regclass('"public"."users"')
            AND p.pubinsert AND p.pubupdate AND p.pubdelete AND to_jsonb(r) ->> 'prqual' IS NULL
            AND (SELECT string_agg(concat(schemaname, '.', tablename), ', ') FROM pg_publication_tables WHERE pubname = p.pubname) = 'public.users'
            AND (to_jsonb(r) ->> 'prattrs' IS NULL OR NOT EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = r.prrelid AND a.attgenerated = '' AND a.attname IN ('id', 'email', 'first_name', 'last_name', 'phone', 'avatar_url', 'timezone', 'locale')
                AND NOT to_jsonb(r) -> 'prattrs' @> to_jsonb(a.attnum)))) THEN
        RAISE EXCEPTION USING MESSAGE = 'publication flameup_sync exists, but does not publish table public.users alone, with every insert, update and delete, all rows, and the columns that are read; choose another name in postgres.publication, or, if it is unused, DROP PUBLICATION "flameup_sync" and run this again';
    END IF;
END $$;
COMMIT;
