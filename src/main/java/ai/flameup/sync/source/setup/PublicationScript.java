package ai.flameup.sync.source.setup;

import static ai.flameup.sync.source.setup.ScriptBlocks.block;
import static ai.flameup.sync.source.setup.ScriptBlocks.exists;
import static ai.flameup.sync.source.setup.ScriptBlocks.ours;
import static ai.flameup.sync.source.setup.ScriptBlocks.raise;
import static ai.flameup.sync.source.setup.ScriptBlocks.when;

import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints the publication's part of {@link SetupScript}. Stateless. */
final class PublicationScript {
    private PublicationScript() {}

    static String of(Statements sql, SetupPlan plan) {
        String name = sql.names().publication();
        return additions(sql, plan)
                + block(
                        when(
                                "NOT " + exists("pg_publication WHERE pubname = " + Sql.literal(name)),
                                sql.createPublication(plan.limit(), plan.watched()),
                                sql.markPublication(OwnershipComment.of(sql.role()))),
                        when(
                                "NOT EXISTS (%s)".formatted(usable(sql.names(), plan)),
                                raise(
                                        "EXCEPTION",
                                        "publication %s exists, but does not publish %s alone, with every insert, update and delete, all rows, and the columns that are %s; choose another name in postgres.publication, or, if it is unused, DROP PUBLICATION %s and run this again"
                                                .formatted(
                                                        name,
                                                        tables(sql.names(), plan),
                                                        plan.limit().isEmpty() ? "read" : "to be listed",
                                                        Sql.identifier(name)))));
    }

    /** Adds missing watched tables to a publication that flameup-sync created. */
    private static String additions(Statements sql, SetupPlan plan) {
        String publication =
                "pg_publication p WHERE pubname = " + Sql.literal(sql.names().publication());
        return plan.watched().stream()
                .map(table -> block(when(
                        ours("obj_description(oid, 'pg_publication')", publication)
                                + " AND NOT "
                                + exists(
                                        "pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE p.pubname = %s AND r.prrelid = to_regclass(%s)"
                                                .formatted(
                                                        Sql.literal(sql.names().publication()),
                                                        Sql.literal(table.quoted()))),
                        sql.addToPublication(table))))
                .collect(Collectors.joining());
    }

    private static String tables(PostgresSettings names, SetupPlan plan) {
        return (plan.watched().isEmpty() ? "table " : "tables ") + String.join(", ", all(names, plan));
    }

    private static List<String> all(PostgresSettings names, SetupPlan plan) {
        return Stream.concat(Stream.of(names.name()), plan.watched().stream())
                .map(table -> table.schema() + "." + table.name())
                .sorted()
                .toList();
    }

    /** A condition: the publication contains our table and the watched ones, those without filters and column lists. */
    private static String contents(PostgresSettings names, SetupPlan plan) {
        String order = plan.watched().isEmpty() ? "" : " ORDER BY concat(schemaname, '.', tablename) COLLATE \"C\"";
        return "AND (SELECT string_agg(concat(schemaname, '.', tablename), ', '%s) FROM pg_publication_tables WHERE pubname = p.pubname) = %s"
                        .formatted(order, Sql.literal(String.join(", ", all(names, plan))))
                + (plan.watched().isEmpty()
                        ? ""
                        : "\n            AND NOT EXISTS (SELECT FROM pg_publication_rel w WHERE w.prpubid = p.oid AND w.oid <> r.oid"
                                + " AND (to_jsonb(w) ->> 'prqual' IS NOT NULL OR to_jsonb(w) ->> 'prattrs' IS NOT NULL))");
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
                contents(names, plan),
                "AND "
                        + (plan.limit().isEmpty()
                                ? "(to_jsonb(r) ->> 'prattrs' IS NULL OR "
                                : "(to_jsonb(r) ->> 'prattrs' IS NOT NULL AND ")
                        + "NOT EXISTS (SELECT FROM pg_attribute a",
                "    WHERE a.attrelid = r.prrelid AND a.attgenerated = '' AND a.attname IN (%s)".formatted(needed),
                "    AND NOT to_jsonb(r) -> 'prattrs' @> to_jsonb(a.attnum)))");
    }
}
