-- What flameup-sync needs in the application's database, for an administrator to read, change and run once, connected
-- to that database. "flameup-sync setup" does the same, and "setup --print-sql" prints it for your configuration.
--
-- The server needs wal_level = logical (a restart), a free one of max_replication_slots and of max_wal_senders, and a
-- line in pg_hba.conf that lets the role connect to the database (its name, not the keyword "replication", which does
-- not cover logical replication).

-- REPLICATION allows to read the stream of changes, and that of every table of the server that a publication names:
-- treat this role's password like that of a backup. The role can write nothing. On Amazon RDS and Aurora leave
-- REPLICATION out, and GRANT rds_replication to it.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flameup_sync') THEN
        CREATE ROLE "flameup_sync" LOGIN REPLICATION;
        COMMENT ON ROLE "flameup_sync" IS 'made by flameup-sync';
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
    END IF;
END $$;
