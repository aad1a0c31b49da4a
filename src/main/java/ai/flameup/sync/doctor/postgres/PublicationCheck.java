package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.catalog.ReplicaIdentity;
import ai.flameup.sync.source.ddl.Statements;
import ai.flameup.sync.source.slot.Publication;
import ai.flameup.sync.source.slot.PublicationState;
import ai.flameup.sync.source.slot.PublicationVersion;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StoreContents;
import java.util.List;
import java.util.Optional;

/**
 * Checks the publication.
 *
 * @param table the columns that the stream must contain, and the watched tables
 * @param setup the command with which an administrator creates what is missing
 */
record PublicationCheck(Database database, Slot slot, Table table, Optional<StoreContents> store, String setup)
        implements Check {
    static final String NAME = "publication";

    @Override
    public List<Finding> findings() {
        PublicationState seen = PublicationState.read(database, table.watched());
        boolean started = isStarted();
        if (!seen.exists() && !started) {
            return List.of(missing(seen.mayBeMade()));
        }
        if (seen.hasColumnList() && ReplicaIdentity.read(database).isFull()) {
            // A run refuses it as well. The identity may be full because of on-delete, so the list has to go.
            return List.of(Finding.failed(
                    ExitCode.POSTGRES,
                    NAME,
                    "its column list makes every UPDATE and DELETE of the application fail under REPLICA IDENTITY FULL"
                            + thenResync(started),
                    onlyTable()));
        }
        PublicationVersion version = slot.publication().checkTable(table.read());
        if (store.flatMap(known -> known.stream().publication())
                .filter(known -> !version.continues(known))
                .isPresent()) {
            throw slot.publication().missed();
        }
        return List.of(
                seen.hasColumnList()
                        ? Finding.warning(
                                NAME,
                                "it has a column list, so a migration that drops or retypes one of its columns will fail"
                                        + thenResync(started),
                                onlyTable())
                        : Finding.ok(
                                NAME,
                                "%s publishes every insert, update and delete of the table"
                                        .formatted(settings().publication())));
    }

    /** The other tables that it publishes, most often one that had the name before. Reported in addition to other problems. */
    List<Finding> others() {
        PublicationState seen = PublicationState.read(database, table.watched());
        return seen.others().isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        NAME,
                        "%s, and those changes are read and dropped%s"
                                .formatted(String.join(", ", seen.others()), thenResync(isStarted())),
                        seen.isForAll()
                                ? "set postgres.publication to a publication of %s only"
                                        .formatted(settings().tableName())
                                : onlyTable()));
    }

    private boolean isStarted() {
        return store.flatMap(StoreContents::position).isPresent();
    }

    private PostgresSettings settings() {
        return database.settings();
    }

    private Finding missing(boolean mayBeCreated) {
        String name = settings().publication();
        return mayBeCreated
                ? Finding.ok(NAME, "%s does not exist yet: the first run creates it".formatted(name))
                : Finding.failed(
                        ExitCode.POSTGRES,
                        NAME,
                        "%s does not exist, and role %s may not create it. The table's owner can, or an administrator with `%s`"
                                .formatted(name, settings().username(), setup),
                        new Statements(settings(), "", "")
                                        .createPublication(List.of(), WatchedTable.names(table.watched()))
                                + ";");
    }

    private String onlyTable() {
        return Publication.of(settings(), table.watched()).reset() + ";";
    }

    private static String thenResync(boolean started) {
        return started ? ". After the fix, send the changes that were missed again (`resync`)" : "";
    }
}
