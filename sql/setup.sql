-- What flameup-sync needs in the application's database, for an administrator to read, change and run once, connected
-- to that database. "flameup-sync setup" does the same, and "setup --print-sql" prints it for your configuration.
-- It may be run again. What is there under one of these names and cannot be used is an ERROR, and so is another
-- database. It is one transaction, of which nothing is left then; but psql goes on behind an ERROR, and ends as if
-- nothing were wrong, unless it is run with "-v ON_ERROR_STOP=1".
--
-- The server needs wal_level = logical (a restart), a free one of max_replication_slots and of max_wal_senders, and a
-- line in pg_hba.conf that lets the role connect to the database (its name, not the keyword "replication", which does
-- not cover logical replication).
BEGIN;
DO $$ BEGIN
    IF current_database() <> 'app' THEN
        RAISE EXCEPTION 'connected to database %, and this is for %', current_database(), 'app';
    END IF;
END $$;

-- REPLICATION allows to read the stream of changes, and that of every table of the server that a publication names:
-- treat this role's password like that of a backup. The role can write nothing. On Amazon RDS and Aurora leave
-- REPLICATION out, and GRANT rds_replication to it. A role that was there keeps what it is given here when the rest is
-- removed: only "flameup-sync setup" notes what that was.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync') THEN
        CREATE ROLE "flameup_sync" LOGIN REPLICATION;
        COMMENT ON ROLE "flameup_sync" IS 'made by flameup-sync';
    ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync' AND NOT rolcanlogin) THEN
        RAISE EXCEPTION USING MESSAGE = 'role flameup_sync is there, but may not log in; ALTER ROLE "flameup_sync" LOGIN, or name another in postgres.username';
    ELSIF NOT (SELECT m.rolreplication OR m.rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN ('rds_replication', 'azure_pg_admin') AND pg_has_role(m.oid, r.oid, 'usage')) FROM pg_roles m WHERE m.rolname = 'flameup_sync') THEN
        ALTER ROLE "flameup_sync" REPLICATION;
    END IF;
END $$;

-- A password of your own, in psql, where the server does not get to read it:
-- \password "flameup_sync"

-- Rows are also read by SELECT: in the first load, in backfills, and to compare. The primary key and the columns that
-- are mapped are enough, so no more is granted. A column that you map later has to be granted then.
GRANT CONNECT ON DATABASE "app" TO "flameup_sync";
GRANT USAGE ON SCHEMA "public" TO "flameup_sync";
GRANT SELECT ("id", "email", "first_name", "last_name", "phone", "avatar_url", "timezone", "locale") ON "public"."users" TO "flameup_sync";

-- Without a column list, on purpose: with one, a migration of yours that drops or retypes a listed column fails, and
-- under REPLICA IDENTITY FULL every UPDATE and DELETE of yours would. Columns that are not mapped come as far as the
-- sidecar, which drops them as it reads; they are neither stored, logged nor sent. The table needs a primary key, or
-- your UPDATEs and DELETEs fail as soon as it is published. publish_via_partition_root says whose changes are those of
-- a partition: the table's own. Without partitions it means nothing.
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
        RAISE EXCEPTION USING MESSAGE = 'publication flameup_sync is there, but is not one of table public.users alone, with every insert, update and delete, all rows, and the columns that are read; name another in postgres.publication, or, where nobody needs it, DROP PUBLICATION "flameup_sync" and run this again';
    END IF;
END $$;
COMMIT;
