package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.catalog.WatchedFitness;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requires that the publication carries every change, at the start and during a run. Thread-safe. */
public final class PublicationGuard {
    private static final Logger LOG = LoggerFactory.getLogger(PublicationGuard.class);

    private final Database database;
    private final PostgresSettings settings;
    private final List<WatchedTable> watched;
    private final Publication publication;
    private final WatchedMembership membership;

    /** @param watched the watched tables, which the publication must contain too */
    PublicationGuard(Database database, List<WatchedTable> watched) {
        this.database = database;
        this.settings = database.settings();
        this.watched = watched;
        this.publication = Publication.of(settings, watched);
        this.membership = new WatchedMembership(settings, watched);
    }

    /**
     * Creates the publication if it is missing.
     *
     * @throws Fault 3 if the role lacks the right, or a watched table cannot be published
     */
    public void ensure() {
        try (Connection connection = database.connection()) {
            if (publication.version(connection).isEmpty()) {
                requireNone(WatchedFitness.problems(connection, watched));
                Database.limitLockWait(connection);
                publication.create(
                        connection,
                        new Statements(settings, settings.username(), ""),
                        List.of(),
                        OwnershipComment.of(settings.username()));
                connection.commit();
                LOG.info(
                        "Publication created: name={}, table={}, watched={}",
                        settings.publication(),
                        settings.tableName(),
                        publication.watched());
            }
        } catch (SQLException e) {
            throw CreationFailure.of(database, "creating publication " + settings.publication(), e);
        }
    }

    /**
     * Checks that the publication carries what the stream needs.
     *
     * @param read the columns that are read
     * @return the publication's version, for {@link #watch}
     * @throws Fault 3 if the publication is missing, or omits rows, columns or operations of the table, or a watched table
     */
    public PublicationVersion check(List<Column> read) {
        PublicationVersion version = checkTable(read);
        database.read("reading the publication", connection -> {
            requireWatched(connection);
            return version;
        });
        return version;
    }

    /** As {@link #check}, regardless of the watched tables. */
    public PublicationVersion checkTable(List<Column> read) {
        return database.read("reading the publication", connection -> {
            PublicationVersion version = present(publication.version(connection));
            publication.check(connection, read);
            return version;
        });
    }

    /**
     * Returns the entries of the watched tables. Their changes are in the stream only since an entry was made.
     *
     * @throws Fault 3 if the query fails
     */
    public WatchedEntries entries() {
        return database.read("reading the publication", membership::entries);
    }

    private void requireWatched(Connection connection) throws SQLException {
        List<String> problems = new ArrayList<>();
        for (WatchedMembership.Lack lack : membership.lacks(connection)) {
            problems.add("Postgres: publication %s: %s; run `flameup-sync setup`, or %s"
                    .formatted(settings.publication(), lack.what(), lack.remedy()));
        }
        problems.addAll(WatchedFitness.problems(connection, watched));
        requireNone(problems);
    }

    private static void requireNone(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.POSTGRES, problems, null);
        }
    }

    /**
     * Checks that the publication is still the one that the stream came through, and that it breaks no statement of the
     * application. Without a publication, PostgreSQL 18 omits changes and reports no error.
     *
     * @param known the text of a version that {@link #check} returned
     * @return the publication's present version
     * @throws Fault 3 if the publication is missing or lacks a watched table, or if publishing the tables makes the
     *     application's updates fail; 7 if it is another publication
     */
    public PublicationVersion watch(String known) {
        return database.read("reading the publication", connection -> {
            PublicationVersion version = present(publication.version(connection));
            if (!version.continues(known)) {
                throw missed();
            }
            requireNone(publication.harm(connection));
            requireWatched(connection);
            return version;
        });
    }

    private PublicationVersion present(Optional<PublicationVersion> version) {
        return version.orElseThrow(() -> new Fault(
                ExitCode.POSTGRES,
                "Postgres: publication %s is gone. Changes made without it cannot be read, so a resync will be needed; %s"
                        .formatted(
                                settings.publication(),
                                new Statements(settings, "", "").createPublication(List.of(), publication.watched()))));
    }

    /** Returns the fault for changes that were made without the publication, which the stream cannot pass. */
    public Fault missed() {
        return Gap.orNewInstallation("publication %s was altered, or it was missing or lacked table %s for a while"
                .formatted(settings.publication(), settings.tableName()));
    }
}
