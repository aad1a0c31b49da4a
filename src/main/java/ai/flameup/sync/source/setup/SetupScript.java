package ai.flameup.sync.source.setup;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@link Setup} and {@link Teardown} do as SQL for an administrator to read, change and run, with the reasons. May be
 * run again; holds no password. The files in {@code sql/} are these texts for the configuration in {@code conf/}. Pure.
 */
public final class SetupScript {
    private static final String HEAD = """
            -- What flameup-sync needs in the application's database, for an administrator to read, change and run once, connected
            -- to that database. "flameup-sync setup" does the same, and "setup --print-sql" prints it for your configuration.
            -- It may be run again. What is there under one of these names and cannot be used is an ERROR, and so is another
            -- database. It is one transaction, of which nothing is left then; but psql goes on behind an ERROR, and ends as if
            -- nothing were wrong, unless it is run with "-v ON_ERROR_STOP=1".
            --
            -- The server needs wal_level = logical (a restart), a free one of max_replication_slots and of max_wal_senders, and a
            -- line in pg_hba.conf that lets the role connect to the database (its name, not the keyword "replication", which does
            -- not cover logical replication).
            """;
    private static final String ROLE = """

            -- REPLICATION allows to read the stream of changes, and that of every table of the server that a publication names:
            -- treat this role's password like that of a backup. The role can write nothing. On Amazon RDS and Aurora leave
            -- REPLICATION out, and GRANT rds_replication to it. A role that was there keeps what it is given here when the rest is
            -- removed: only "flameup-sync setup" notes what that was.
            """;
    private static final String GRANTS = """

            -- Rows are also read by SELECT: in the first load, in backfills, and to compare. The primary key and the columns that
            -- are mapped are enough, so no more is granted. A column that you map later has to be granted then.
            """;
    private static final String PUBLICATION = """

            -- Without a column list, on purpose: with one, a migration of yours that drops or retypes a listed column fails, and
            -- under REPLICA IDENTITY FULL every UPDATE and DELETE of yours would. Columns that are not mapped come as far as the
            -- sidecar, which drops them as it reads; they are neither stored, logged nor sent. The table needs a primary key, or
            -- your UPDATEs and DELETEs fail as soon as it is published. publish_via_partition_root says whose changes are those of
            -- a partition: the table's own. Without partitions it means nothing.
            """;
    private static final String LIMITED = """

            -- With a column list, as it was asked for: a migration of yours that drops or retypes a listed column fails from here
            -- on, and under REPLICA IDENTITY FULL every UPDATE and DELETE of yours would.
            """;
    private static final String SLOT = """
            -- The replication slot: the server's note of how far flameup-sync has read. Run it last, shortly before the sidecar
            -- starts, connected to the application's database, as a superuser or a role with REPLICATION. "flameup-sync run" makes
            -- the slot itself if it is missing.
            --
            -- WARNING: from here on the server keeps all WAL that the sidecar has not confirmed, whether the sidecar runs or not,
            -- and in the end fills its disk. Start the sidecar now, and if you give it up, drop the slot (teardown.sql).
            -- max_slot_wal_keep_size bounds what is kept, at the price of a slot that is lost when the bound is passed.
            --
            -- This waits for every transaction that is open at the moment, of every database of the server.
            """;
    private static final String TEARDOWN = """
            -- Removes what setup.sql and slot.sql made. Stop the sidecar first: a slot in use cannot be dropped, and is an ERROR.
            -- Run it connected to the application's database (another is an ERROR, and nothing is removed), best with
            -- "psql -v ON_ERROR_STOP=1"; it may be run again.
            -- A publication and a role without our mark, their comment, are another's: they are left, and a NOTICE says so.
            """;
    private static final String FIRST = """

            -- First the slot, because it holds back WAL.
            """;
    private static final String REVOKES = """

            -- The rights, and the role. What a role was given that was there before is noted in the publication's comment:
            -- "flameup-sync teardown" takes that from it, and must then come before this. A role that owns something, or has
            -- rights elsewhere, is not dropped: the server says on what.
            """;

    private static final String COMMIT = "COMMIT;\n";

    private static final String NOT_MADE = "flameup-sync did not make it; DROP it yourself where nobody needs it";

    private SetupScript() {}

    /** Role, rights and publication. */
    public static String setup(PostgresSettings settings, SetupPlan plan) {
        Statements sql = new Statements(settings, settings.username(), plan.database());
        return HEAD
                + begin(plan.database())
                + ROLE
                + role(sql)
                + "\n-- A password of your own, in psql, where the server does not get to read it:\n-- \\password "
                + Sql.identifier(settings.username())
                + "\n"
                + GRANTS
                + statements(sql.grantConnect(), sql.grantUsage(), sql.grantSelect(plan.columns()))
                + (plan.limit().isEmpty() ? PUBLICATION : LIMITED)
                + publication(sql, plan)
                + COMMIT;
    }

    /** Behind an error in a transaction the server does nothing any more, though the client sends it. */
    private static String begin(String database) {
        return "BEGIN;\n"
                + block(when(
                        "current_database() <> " + Sql.literal(database),
                        "RAISE EXCEPTION 'connected to database %%, and this is for %%', current_database(), %s"
                                .formatted(Sql.literal(database))));
    }

    private static String role(Statements sql) {
        String name = Sql.literal(sql.role());
        return block(
                when("NOT " + there("pg_roles WHERE rolname = " + name), sql.createRole("REPLICATION"), sql.markRole()),
                when(
                        there("pg_roles WHERE rolname = %s AND NOT rolcanlogin".formatted(name)),
                        raise(
                                "EXCEPTION",
                                "role %s is there, but may not log in; %s, or name another in postgres.username"
                                        .formatted(sql.role(), sql.alterRole("LOGIN")))),
                when("NOT (%s)".formatted(Preconditions.MAY_REPLICATE.formatted(name)), sql.alterRole("REPLICATION")));
    }

    private static String publication(Statements sql, SetupPlan plan) {
        String name = sql.names().publication();
        return block(
                when(
                        "NOT " + there("pg_publication WHERE pubname = " + Sql.literal(name)),
                        sql.createPublication(plan.limit()),
                        sql.markPublication(OwnershipComment.of(sql.role()))),
                when(
                        "NOT EXISTS (%s)".formatted(usable(sql.names(), plan)),
                        raise(
                                "EXCEPTION",
                                "publication %s is there, but is not one of table %s alone, with every insert, update and delete, all rows, and the columns that are %s; name another in postgres.publication, or, where nobody needs it, DROP PUBLICATION %s and run this again"
                                        .formatted(
                                                name,
                                                sql.names().tableName(),
                                                plan.limit().isEmpty() ? "read" : "to be listed",
                                                Sql.identifier(name)))));
    }

    /** Finds the publication if it holds our table, nothing else, and all that is needed of it; on every version. */
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

    /** The slot alone. */
    public static String slot(PostgresSettings settings, String database) {
        return SLOT
                + begin(database)
                + block(when(
                        another(settings),
                        raise(
                                "EXCEPTION",
                                "slot %s is there, but is another's: its plugin is not pgoutput, or its database not this one; name another in postgres.slot"
                                        .formatted(settings.slot()))))
                + statements("%s\n    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s)"
                        .formatted(new Statements(settings, "", "").createSlot(), Sql.literal(settings.slot())))
                + COMMIT;
    }

    private static String another(PostgresSettings settings) {
        return "EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s AND (plugin, database) IS DISTINCT FROM ('pgoutput', current_database()))"
                .formatted(Sql.literal(settings.slot()));
    }

    /** All of it that is ours; or the slot alone. */
    public static String teardown(PostgresSettings settings, String database, boolean slotOnly) {
        Statements sql = new Statements(settings, settings.username(), database);
        String slot = block(
                when(
                        another(settings),
                        left(
                                "slot " + settings.slot(),
                                "it is another's: its plugin is not pgoutput, or its database not this one")),
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
                        when(there(publication), left("publication " + settings.publication(), NOT_MADE)))
                + REVOKES
                + block(
                        when(
                                there("pg_class WHERE oid = to_regclass(%s) AND pg_get_userbyid(relowner) = %s"
                                        .formatted(
                                                Sql.literal(settings.quotedTable()), Sql.literal(settings.username()))),
                                left(
                                        "role %s with its rights".formatted(settings.username()),
                                        "it owns table " + settings.tableName())),
                        when(roleIsOurs, sql.revokeSelect(), sql.revokeUsage(), sql.revokeConnect()),
                        when(there(role), left("role %s with its rights".formatted(settings.username()), NOT_MADE)))
                + COMMIT
                // By itself: what was taken stays taken where the role has to stay.
                + block(when(
                        "current_database() = %s AND %s".formatted(Sql.literal(database), roleIsOurs), sql.dropRole()));
    }

    private static String there(String from) {
        return "EXISTS (SELECT FROM %s)".formatted(from);
    }

    private static String ours(String comment, String from) {
        return there("%s AND %s LIKE %s".formatted(from, comment, Sql.literal(OwnershipComment.MADE + "%")));
    }

    private static String left(String what, String why) {
        return raise("NOTICE", "%s: left, because %s".formatted(what, why));
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

    /** The first branch that applies is taken. */
    private static String block(String... branches) {
        String inner = "    " + String.join("    ELS", branches) + "    END IF;\n";
        String quote = "$$";
        for (int i = 1; inner.contains(quote); i++) {
            quote = "$do" + i + "$";
        }
        return "DO %s BEGIN\n%sEND %s;\n".formatted(quote, inner, quote);
    }
}
