package ai.flameup.sync.source;

import java.util.List;
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
            --
            -- The server needs wal_level = logical (a restart), a free one of max_replication_slots and of max_wal_senders, and a
            -- line in pg_hba.conf that lets the role connect to the database (its name, not the keyword "replication", which does
            -- not cover logical replication).
            """;
    private static final String ROLE = """

            -- REPLICATION allows to read the stream of changes, and that of every table of the server that a publication names:
            -- treat this role's password like that of a backup. The role can write nothing. On Amazon RDS and Aurora leave
            -- REPLICATION out, and GRANT rds_replication to it.
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
            -- Removes what setup.sql and slot.sql made. Stop the sidecar first: a slot in use cannot be dropped.
            -- Run it connected to the application's database; it may be run again.

            -- First the slot, because it holds back WAL.
            """;
    private static final String REVOKES = """

            -- The rights, and the role. If it was there before, leave its last statement out. A role that owns something, or has
            -- rights elsewhere, is not dropped: the server says on what.
            """;

    private SetupScript() {}

    /** Role, rights and publication. */
    public static String setup(PostgresSettings settings, Setup.Plan plan) {
        SetupSql sql = new SetupSql(settings, settings.username(), plan.database());
        String role = Sql.literal(settings.username());
        String publication = Sql.literal(settings.publication());
        return HEAD
                + ROLE
                + unless("pg_roles WHERE rolname = " + role, sql.createRole("REPLICATION"), sql.markRole())
                + "\n-- A password of your own, in psql, where the server does not get to read it:\n-- \\password "
                + Sql.identifier(settings.username())
                + "\n"
                + GRANTS
                + statements(sql.grantConnect(), sql.grantUsage(), sql.grantSelect(plan.columns()))
                + (plan.limit().isEmpty() ? PUBLICATION : LIMITED)
                + unless(
                        "pg_publication WHERE pubname = " + publication,
                        sql.createPublication(plan.limit()),
                        sql.markPublication(Mark.of(settings.username())));
    }

    /** The slot alone. */
    public static String slot(PostgresSettings settings) {
        return SLOT
                + statements("%s\n    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s)"
                        .formatted(new SetupSql(settings, "", "").createSlot(), Sql.literal(settings.slot())));
    }

    /** All of it; or the slot alone. */
    public static String teardown(PostgresSettings settings, String database, boolean slotOnly) {
        SetupSql sql = new SetupSql(settings, settings.username(), database);
        if (slotOnly) {
            return statements(sql.dropSlot());
        }
        return TEARDOWN
                + statements(sql.dropSlot())
                + "\n"
                + statements(sql.dropPublication())
                + REVOKES
                + block(
                        "IF EXISTS (SELECT FROM pg_roles WHERE rolname = %s) THEN"
                                .formatted(Sql.literal(settings.username())),
                        sql.revokeSelect(),
                        sql.revokeUsage(),
                        sql.revokeConnect())
                + statements(sql.dropRole());
    }

    private static String statements(String... statements) {
        return Stream.of(statements).map(one -> one + ";\n").collect(Collectors.joining());
    }

    private static String unless(String exists, String... statements) {
        return block("IF NOT EXISTS (SELECT FROM %s) THEN".formatted(exists), statements);
    }

    private static String block(String condition, String... statements) {
        String inner = List.of(statements).stream()
                .map(one -> "        " + one + ";\n")
                .collect(Collectors.joining("", "    " + condition + "\n", "    END IF;\n"));
        String quote = "$$";
        for (int i = 1; inner.contains(quote); i++) {
            quote = "$do" + i + "$";
        }
        return "DO %s BEGIN\n%sEND %s;\n".formatted(quote, inner, quote);
    }
}
