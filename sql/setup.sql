-- What flameup-sync needs in the application's database, for an administrator to read, change and run once, connected
-- to that database. "flameup-sync setup --print-sql" prints the same for your own configuration.
--
-- Change before you run it: the password; "app", the database; "public.users", the table; and the list of columns, if
-- your configuration maps others. The server needs wal_level = logical (a restart), a free one of
-- max_replication_slots and of max_wal_senders, and a line in pg_hba.conf that lets the role connect to the database
-- (its name, not the keyword "replication", which does not cover logical replication).

-- REPLICATION allows to read the stream of changes, and that of every table of the server that a publication names:
-- treat this password like that of a backup. The role can write nothing.
CREATE ROLE flameup_sync LOGIN REPLICATION PASSWORD 'change-me';

GRANT CONNECT ON DATABASE app TO flameup_sync;

GRANT USAGE ON SCHEMA public TO flameup_sync;

-- Rows are also read by SELECT: in the first load, in backfills, and to compare. The primary key and the columns that
-- are mapped are enough, so no more is granted. A column that you map later has to be granted then.
GRANT SELECT (id, email, first_name, last_name, phone, avatar_url, timezone, locale)
    ON public.users TO flameup_sync;

-- Without a column list, on purpose: with one, a migration of yours that drops or retypes a listed column fails, and
-- under REPLICA IDENTITY FULL every UPDATE and DELETE of yours would. Columns that are not mapped come as far as the
-- sidecar, which drops them as it reads; they are neither stored, logged nor sent. The table needs a primary key, or
-- your UPDATEs and DELETEs fail as soon as it is published. publish_via_partition_root says whose changes are those of
-- a partition: the table's own. Without partitions it means nothing.
CREATE PUBLICATION flameup_sync FOR TABLE public.users
    WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);

-- The slot is in slot.sql: make it last, shortly before the sidecar starts.
