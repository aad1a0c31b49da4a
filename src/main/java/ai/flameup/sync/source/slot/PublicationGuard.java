package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requires that the publication carries every change, at the start and during a run. Thread-safe. */
public final class PublicationGuard {
    private static final Logger LOG = LoggerFactory.getLogger(PublicationGuard.class);

    private final Database database;
    private final PostgresSettings settings;
    private final Publication publication;

    PublicationGuard(Database database) {
        this.database = database;
        this.settings = database.settings();
        this.publication = Publication.of(settings);
    }

    /**
     * Creates the publication if it is missing.
     *
     * @throws Fault 3 if the role lacks the right
     */
    public void ensure() {
        try (Connection connection = database.connection()) {
            if (publication.version(connection).isEmpty()) {
                Database.limitLockWait(connection);
                Publication.create(
                        connection,
                        new Statements(settings, settings.username(), ""),
                        List.of(),
                        OwnershipComment.of(settings.username()));
                connection.commit();
                LOG.info("Publication created: name={}, table={}", settings.publication(), settings.tableName());
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
     * @throws Fault 3 if the publication is missing, or omits rows, columns or operations of the table
     */
    public PublicationVersion check(List<Column> read) {
        try (Connection connection = database.connection()) {
            PublicationVersion version = present(publication.version(connection));
            publication.check(connection, read);
            return version;
        } catch (SQLException e) {
            throw database.fault("reading the publication", e);
        }
    }

    /**
     * Checks that the publication is still the one that the stream came through, and that it breaks no statement of the
     * application. Without a publication, PostgreSQL 18 omits changes and reports no error.
     *
     * @param known the text of a version that {@link #check} returned
     * @return the publication's present version
     * @throws Fault 3 if the publication is missing, or if publishing the table makes the application's updates fail; 7 if
     *     it is another publication
     */
    public PublicationVersion watch(String known) {
        return database.read("reading the publication", connection -> {
            PublicationVersion version = present(publication.version(connection));
            if (!version.continues(known)) {
                throw missed();
            }
            List<String> harm = publication.harm(connection);
            if (!harm.isEmpty()) {
                throw new Fault(ExitCode.POSTGRES, harm, null);
            }
            return version;
        });
    }

    private PublicationVersion present(Optional<PublicationVersion> version) {
        return version.orElseThrow(() -> new Fault(
                ExitCode.POSTGRES,
                ("Postgres: publication %s is gone. Changes made without it cannot be read, so a resync will be needed;"
                                + " CREATE PUBLICATION %s FOR TABLE %s WITH (publish_via_partition_root = true)")
                        .formatted(
                                settings.publication(),
                                Sql.identifier(settings.publication()),
                                settings.quotedTable())));
    }

    /** Returns the fault for changes that were made without the publication, which the stream cannot pass. */
    public Fault missed() {
        return Gap.of("publication %s was altered, or it was missing or lacked table %s for a while"
                .formatted(settings.publication(), settings.tableName()));
    }
}
