package ai.flameup.sync.source.slot;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.WatchedTable;
import java.util.List;

/**
 * The publication as the catalog describes it. Immutable.
 *
 * @param exists whether a publication has the name
 * @param mayBeMade whether our role has the rights to create it
 * @param hasColumnList whether it has a column list for the table
 * @param isForAll whether it is for all tables
 * @param others what else it contains, each in a few words
 */
public record PublicationState(
        boolean exists, boolean mayBeMade, boolean hasColumnList, boolean isForAll, List<String> others) {
    /**
     * Queries the catalog.
     *
     * @param watched the watched tables, which are no others
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public static PublicationState read(Database database, List<WatchedTable> watched) {
        PostgresSettings settings = database.settings();
        return database.read("reading the publication", connection -> {
            String mayBeMade = Queries.text(
                    connection,
                    "SELECT has_database_privilege(current_database(), 'CREATE') AND pg_has_role(relowner, 'USAGE')"
                            + " FROM pg_class WHERE oid = to_regclass(?)",
                    settings.quotedTable());
            Publication publication = Publication.of(settings, watched);
            return new PublicationState(
                    !publication.version(connection).isEmpty(),
                    mayBeMade.equals("t"),
                    !publication.list(connection).isEmpty(),
                    Queries.isTrue(
                            connection,
                            "SELECT puballtables FROM pg_publication WHERE pubname = ?",
                            settings.publication()),
                    publication.others(connection));
        });
    }
}
