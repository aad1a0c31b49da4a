package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import java.sql.Connection;
import java.sql.SQLException;

/** Tells whether the slot was read before, and whether it is older than the publication. Reads only. Thread-safe. */
public final class SlotHistory {
    private final Database database;
    private final PostgresSettings settings;
    private final Publication publication;

    SlotHistory(Database database) {
        this.database = database;
        this.settings = database.settings();
        this.publication = Publication.of(settings);
    }

    /**
     * Whether the slot is as setup created it: no process has read from it.
     *
     * @param confirmed as in {@link SlotState#confirmed}
     */
    public boolean isUntouched(Lsn confirmed) {
        return database.read("reading the publication", connection -> publication.isSlotAt(connection, confirmed));
    }

    /**
     * Whether changes were read from the slot. The comment of the publication decides if it notes where the slot began.
     * Otherwise, the server's statistics decide, which a server crash resets. A peek counts as well, so only a run peeks
     * into the slot of an empty store, and only after this check.
     *
     * @param confirmed as in {@link SlotState#confirmed}
     */
    public boolean wasRead(Lsn confirmed) {
        return database.read(
                "reading the slot's statistics",
                connection -> !publication.isSlotAt(connection, confirmed)
                        && (publication.notesSlot(connection)
                                || !Queries.text(
                                                connection,
                                                "SELECT coalesce(sum(total_txns), 0) FROM pg_stat_replication_slots WHERE slot_name = ?",
                                                settings.slot())
                                        .equals("0")));
    }

    /**
     * Whether the slot may hold changes from before the publication was created, as far as this can be known without a
     * peek. Only for a slot that was never read.
     */
    public boolean mayBeOlderThanPublication() {
        return database.read(
                "reading the slot",
                connection -> !isYoungerThanPublication(connection) && !publication.notesSlot(connection));
    }

    /**
     * Whether the slot is known to begin after the publication's last change, so that the publication existed for
     * everything in it. Also false if an open transaction hides this.
     */
    boolean isYoungerThanPublication(Connection connection) throws SQLException {
        return Queries.isTrue(
                connection,
                "SELECT coalesce(bool_and(age(p.xmin) > age(s.catalog_xmin)), false)"
                        + " FROM pg_publication p, pg_replication_slots s WHERE p.pubname = ? AND s.slot_name = ?",
                settings.publication(),
                settings.slot());
    }
}
