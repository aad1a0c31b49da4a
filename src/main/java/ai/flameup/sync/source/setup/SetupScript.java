package ai.flameup.sync.source.setup;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints what {@link Setup} and {@link Teardown} do as SQL scripts with comments, which an administrator can read, change and
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
    private static final String TEARDOWN = """
            -- Removes what setup.sql and slot.sql created. Stop the sidecar first: a slot in use cannot be dropped, which is an
            -- ERROR. Run it connected to the application's database, best with "psql -v ON_ERROR_STOP=1". In another database it
            -- ends with an ERROR and removes nothing. It can be run again. A publication or a role without flameup-sync's comment
            -- was not created by it: a NOTICE reports that it is kept.
            """;
    private static final String FIRST = """

            -- First the slot, because it retains WAL.
            """;
    private static final String REVOKES = """

            -- The rights and the role. The publication's comment notes what setup granted to a role that existed before. Only
            -- "flameup-sync teardown" revokes that, so run it before this script. A role that owns objects or has rights
            -- elsewhere is not dropped: the server's message names them.
            """;

    private static final String COMMIT = "COMMIT;\n";

    private static final String NOT_CREATED = "flameup-sync did not create it; DROP it yourself if it is unused";

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
                + (plan.limit().isEmpty() ? PUBLICATION : LIMITED)
                + publication(sql, plan)
                + COMMIT;
    }

    /** After an error in a transaction, the server ignores the statements that a client still sends. */
    private static String begin(String database) {
        return "BEGIN;\n"
                + block(when(
                        "current_database() <> " + Sql.literal(database),
                        "RAISE EXCEPTION 'connected to database %%, but this script is for %%', current_database(), %s"
                                .formatted(Sql.literal(database))));
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

    private static String publication(Statements sql, SetupPlan plan) {
        String name = sql.names().publication();
        return block(
                when(
                        "NOT " + exists("pg_publication WHERE pubname = " + Sql.literal(name)),
                        sql.createPublication(plan.limit()),
                        sql.markPublication(OwnershipComment.of(sql.role()))),
                when(
                        "NOT EXISTS (%s)".formatted(usable(sql.names(), plan)),
                        raise(
                                "EXCEPTION",
                                "publication %s exists, but does not publish table %s alone, with every insert, update and delete, all rows, and the columns that are %s; choose another name in postgres.publication, or, if it is unused, DROP PUBLICATION %s and run this again"
                                        .formatted(
                                                name,
                                                sql.names().tableName(),
                                                plan.limit().isEmpty() ? "read" : "to be listed",
                                                Sql.identifier(name)))));
    }

    /** A query for the publication if it contains exactly our table, whole; for all server versions. */
    private static String usable(PostgresSettings names, SetupPlan plan) {
        String needed = Stream.concat(plan.columns().stream(), plan.limit().stream())
                .distinct()
                .map(Sql::literal)
                .collect(Collectors.joining(", "));
        String name = Sql.literal(names.publication());
        return String.join(
                "\n            ",
                "",
                "SELECT FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid",
                "WHERE p.pubname = %s AND r.prrelid = to_regclass(%s)"
                        .formatted(name, Sql.literal(names.quotedTable())),
                "AND p.pubinsert AND p.pubupdate AND p.pubdelete AND to_jsonb(r) ->> 'prqual' IS NULL",
                "AND (SELECT string_agg(concat(schemaname, '.', tablename), ', ') FROM pg_publication_tables WHERE pubname = p.pubname) = "
                        + Sql.literal(names.tableName()),
                "AND "
                        + (plan.limit().isEmpty()
                                ? "(to_jsonb(r) ->> 'prattrs' IS NULL OR "
                                : "(to_jsonb(r) ->> 'prattrs' IS NOT NULL AND ")
                        + "NOT EXISTS (SELECT FROM pg_attribute a",
                "    WHERE a.attrelid = r.prrelid AND a.attgenerated = '' AND a.attname IN (%s)".formatted(needed),
                "    AND NOT to_jsonb(r) -> 'prattrs' @> to_jsonb(a.attnum)))");
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

    private static String foreign(PostgresSettings settings) {
        return "EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s AND (plugin, database) IS DISTINCT FROM ('pgoutput', current_database()))"
                .formatted(Sql.literal(settings.slot()));
    }

    /** Prints the script that removes what flameup-sync created, or the slot alone. */
    public static String teardown(PostgresSettings settings, String database, boolean slotOnly) {
        Statements sql = new Statements(settings, settings.username(), database);
        String slot = block(
                when(
                        foreign(settings),
                        kept(
                                "slot " + settings.slot(),
                                "it is not a slot of flameup-sync: its plugin is not pgoutput, or its database is not this one")),
                otherwise("PERFORM" + sql.dropSlot().substring("SELECT".length())));
        if (slotOnly) {
            return begin(database) + slot + COMMIT;
        }
        String role = "pg_roles WHERE rolname = " + Sql.literal(settings.username());
        String publication = "pg_publication WHERE pubname = " + Sql.literal(settings.publication());
        String roleIsOurs = ours("shobj_description(oid, 'pg_authid')", role);
        return TEARDOWN
                + begin(database)
                + FIRST
                + slot
                + "\n"
                + block(
                        when(ours("obj_description(oid, 'pg_publication')", publication), sql.dropPublication()),
                        when(exists(publication), kept("publication " + settings.publication(), NOT_CREATED)))
                + REVOKES
                + block(
                        when(
                                exists("pg_class WHERE oid = to_regclass(%s) AND pg_get_userbyid(relowner) = %s"
                                        .formatted(
                                                Sql.literal(settings.quotedTable()), Sql.literal(settings.username()))),
                                kept(
                                        "role %s with its rights".formatted(settings.username()),
                                        "it owns table " + settings.tableName())),
                        when(roleIsOurs, sql.revokeSelect(), sql.revokeUsage(), sql.revokeConnect()),
                        when(exists(role), kept("role %s with its rights".formatted(settings.username()), NOT_CREATED)))
                + COMMIT
                // Separate, so that the revocations stay even if the role cannot be dropped.
                + block(when(
                        "current_database() = %s AND %s".formatted(Sql.literal(database), roleIsOurs), sql.dropRole()));
    }

    private static String exists(String from) {
        return "EXISTS (SELECT FROM %s)".formatted(from);
    }

    private static String ours(String comment, String from) {
        return exists("%s AND %s LIKE %s".formatted(from, comment, Sql.literal(OwnershipComment.MADE + "%")));
    }

    private static String kept(String what, String why) {
        return raise("NOTICE", "%s: kept, because %s".formatted(what, why));
    }

    private static String raise(String level, String message) {
        return "RAISE %s USING MESSAGE = %s".formatted(level, Sql.literal(message));
    }

    private static String statements(String... statements) {
        return Stream.of(statements).map(one -> one + ";\n").collect(Collectors.joining());
    }

    private static String when(String condition, String... statements) {
        return "IF %s THEN\n".formatted(condition) + inner(statements);
    }

    private static String otherwise(String... statements) {
        return "E\n" + inner(statements);
    }

    private static String inner(String... statements) {
        return Stream.of(statements).map(one -> "        " + one + ";\n").collect(Collectors.joining());
    }

    /** Joins branches of one IF statement. */
    private static String block(String... branches) {
        String inner = "    " + String.join("    ELS", branches) + "    END IF;\n";
        String quote = "$$";
        for (int i = 1; inner.contains(quote); i++) {
            quote = "$do" + i + "$";
        }
        return "DO %s BEGIN\n%sEND %s;\n".formatted(quote, inner, quote);
    }
}
