package ai.flameup.sync.source.setup;

import static ai.flameup.sync.source.setup.ScriptBlocks.COMMIT;
import static ai.flameup.sync.source.setup.ScriptBlocks.begin;
import static ai.flameup.sync.source.setup.ScriptBlocks.block;
import static ai.flameup.sync.source.setup.ScriptBlocks.exists;
import static ai.flameup.sync.source.setup.ScriptBlocks.foreign;
import static ai.flameup.sync.source.setup.ScriptBlocks.raise;
import static ai.flameup.sync.source.setup.ScriptBlocks.statements;
import static ai.flameup.sync.source.setup.ScriptBlocks.when;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.ddl.Statements;

/**
 * Prints what {@link Setup} does as SQL scripts with comments, which an administrator can read, change and
 * run, also repeatedly. They contain no password. The files in {@code sql/} are the scripts for the configuration in
 * {@code conf/}. Stateless.
 */
public final class SetupScript {
    private static final String HEAD = """
            -- What flameup-sync needs in the application's database. An administrator reads it, changes it if necessary, and runs
            -- it once, connected to that database. "flameup-sync setup" does the same. "setup --print-sql" prints this script for
            -- your configuration. The script can be run again. It ends with an ERROR in the wrong database, and if an existing
            -- object has one of these names and cannot be used. It is one transaction, so an ERROR undoes all of it. By default
            -- psql continues after an ERROR and exits with status 0: run it with "-v ON_ERROR_STOP=1".
            --
            -- The server needs wal_level = logical (which takes a restart), a free slot of max_replication_slots, a free one of
            -- max_wal_senders, and a line in pg_hba.conf that lets the role connect to the database. That line names the
            -- database: the keyword "replication" does not cover logical replication.
            """;
    private static final String ROLE = """

            -- REPLICATION allows the role to read the changes of every published table of the server, so protect its password
            -- like that of a backup. The role cannot write. On Amazon RDS and Aurora, omit REPLICATION and GRANT rds_replication
            -- to the role. A role that already exists keeps the rights that this script grants when the rest is removed: only
            -- "flameup-sync setup" notes them.
            """;
    private static final String GRANTS = """

            -- Rows are also read by SELECT: in the first load, in backfills, and to compare. Only the primary key and the mapped
            -- columns are granted. If you map another column later, grant it then.
            """;
    private static final String OTHERS = """

            -- What the mapping's expressions read of other tables, and the schemas of the watched tables.
            """;
    private static final String PUBLICATION = """

            -- Without a column list, on purpose: with one, migrations that drop or retype a listed column fail, and under REPLICA
            -- IDENTITY FULL every UPDATE and DELETE of the application fails. Columns that are not mapped reach the sidecar,
            -- which drops them while reading: they are not stored, logged or sent. The table needs a primary key, or the
            -- application's UPDATEs and DELETEs fail as soon as it is published. publish_via_partition_root publishes the changes
            -- of partitions under the table's own name; without partitions it has no effect.
            """;
    private static final String LIMITED = """

            -- With a column list, as requested: from now on, migrations that drop or retype a listed column fail. Under REPLICA
            -- IDENTITY FULL every UPDATE and DELETE of the application would fail.
            """;
    private static final String SLOT = """
            -- The replication slot, in which the server stores how far flameup-sync has read. Run this last, shortly before the
            -- sidecar starts, connected to the application's database, as a superuser or a role with REPLICATION. "flameup-sync
            -- run" creates the slot itself if it is missing.
            --
            -- WARNING: from now on the server retains all WAL that the sidecar has not acknowledged, even while the sidecar is
            -- stopped, and in the end its disk fills up. Start the sidecar now. If you stop using it, drop the slot
            -- (teardown.sql). max_slot_wal_keep_size limits the retained WAL, but the slot is lost when the limit is exceeded.
            --
            -- This waits for every open transaction, in all databases of the server.
            """;

    private SetupScript() {}

    /** Prints the script for role, rights and publication. */
    public static String setup(PostgresSettings settings, SetupPlan plan) {
        Statements sql = new Statements(settings, settings.username(), plan.database());
        return HEAD
                + begin(plan.database())
                + ROLE
                + role(sql)
                + "\n-- Set a password in psql, which sends only a verifier of it to the server:\n-- \\password "
                + Sql.identifier(settings.username())
                + "\n"
                + GRANTS
                + statements(sql.grantConnect(), sql.grantUsage(), sql.grantSelect(plan.columns()))
                + others(sql, plan)
                + (plan.limit().isEmpty() ? PUBLICATION : LIMITED)
                + PublicationScript.of(sql, plan)
                + COMMIT;
    }

    private static String others(Statements sql, SetupPlan plan) {
        StringBuilder others = new StringBuilder();
        if (!plan.schemas().isEmpty()) {
            others.append(OTHERS);
            plan.schemas().forEach(schema -> others.append(statements(sql.grantUsage(schema))));
            plan.others().tables().forEach(table -> others.append(statements(sql.grantSelect(table))));
        }
        plan.others()
                .unknown()
                .forEach((key, reason) -> others.append("\n-- %s\n"
                        .formatted(OtherTableGrants.undetermined(key, reason, sql.role())
                                .replaceAll("\\R", " "))));
        return others.toString();
    }

    private static String role(Statements sql) {
        String name = Sql.literal(sql.role());
        return block(
                when(
                        "NOT " + exists("pg_roles WHERE rolname = " + name),
                        sql.createRole("REPLICATION"),
                        sql.markRole()),
                when(
                        exists("pg_roles WHERE rolname = %s AND NOT rolcanlogin".formatted(name)),
                        raise(
                                "EXCEPTION",
                                "role %s exists, but may not log in; %s, or name another role in postgres.username"
                                        .formatted(sql.role(), sql.alterRole("LOGIN")))),
                when("NOT (%s)".formatted(Preconditions.MAY_REPLICATE.formatted(name)), sql.alterRole("REPLICATION")));
    }

    /** Prints the script for the slot. */
    public static String slot(PostgresSettings settings, String database) {
        return SLOT
                + begin(database)
                + block(when(
                        foreign(settings),
                        raise(
                                "EXCEPTION",
                                "slot %s exists, but is not a slot of flameup-sync: its plugin is not pgoutput, or its database is not this one; choose another name in postgres.slot"
                                        .formatted(settings.slot()))))
                + statements("%s\n    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s)"
                        .formatted(new Statements(settings, "", "").createSlot(), Sql.literal(settings.slot())))
                + COMMIT;
    }
}
