package ai.flameup.sync.source.setup;

import static ai.flameup.sync.source.setup.ScriptBlocks.COMMIT;
import static ai.flameup.sync.source.setup.ScriptBlocks.begin;
import static ai.flameup.sync.source.setup.ScriptBlocks.block;
import static ai.flameup.sync.source.setup.ScriptBlocks.exists;
import static ai.flameup.sync.source.setup.ScriptBlocks.foreign;
import static ai.flameup.sync.source.setup.ScriptBlocks.kept;
import static ai.flameup.sync.source.setup.ScriptBlocks.otherwise;
import static ai.flameup.sync.source.setup.ScriptBlocks.ours;
import static ai.flameup.sync.source.setup.ScriptBlocks.when;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.ddl.Statements;
import java.util.ArrayList;
import java.util.List;

/** Prints what {@link Teardown} does as an SQL script with comments, as {@link SetupScript} does for setup. Stateless. */
public final class TeardownScript {
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

    private static final String NOT_CREATED = "flameup-sync did not create it; DROP it yourself if it is unused";

    private TeardownScript() {}

    private static String[] revocations(Statements sql, boolean readsOthers) {
        List<String> revocations = new ArrayList<>();
        if (readsOthers) {
            revocations.add(OtherTableRevocation.script(sql));
        }
        revocations.addAll(List.of(sql.revokeSelect(), sql.revokeUsage(), sql.revokeConnect()));
        return revocations.toArray(String[]::new);
    }

    /** Prints the script that removes the slot alone. */
    public static String slot(PostgresSettings settings, String database) {
        return begin(database) + slot(settings, new Statements(settings, settings.username(), database)) + COMMIT;
    }

    private static String slot(PostgresSettings settings, Statements sql) {
        return block(
                when(
                        foreign(settings),
                        kept(
                                "slot " + settings.slot(),
                                "it is not a slot of flameup-sync: its plugin is not pgoutput, or its database is not this one")),
                otherwise("PERFORM" + sql.dropSlot().substring("SELECT".length())));
    }

    /**
     * Prints the script that removes everything that flameup-sync created.
     *
     * @param readsOthers whether the mapping has expressions, so that the role may have rights on other tables
     */
    public static String all(PostgresSettings settings, String database, boolean readsOthers) {
        Statements sql = new Statements(settings, settings.username(), database);
        String role = "pg_roles WHERE rolname = " + Sql.literal(settings.username());
        String publication = "pg_publication WHERE pubname = " + Sql.literal(settings.publication());
        String roleIsOurs = ours("shobj_description(oid, 'pg_authid')", role);
        return TEARDOWN
                + begin(database)
                + FIRST
                + slot(settings, sql)
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
                        when(roleIsOurs, revocations(sql, readsOthers)),
                        when(exists(role), kept("role %s with its rights".formatted(settings.username()), NOT_CREATED)))
                + COMMIT
                // Separate, so that the revocations stay even if the role cannot be dropped.
                + block(when(
                        "current_database() = %s AND %s".formatted(Sql.literal(database), roleIsOurs), sql.dropRole()));
    }
}
