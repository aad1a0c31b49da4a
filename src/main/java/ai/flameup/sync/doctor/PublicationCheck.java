package ai.flameup.sync.doctor;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.ReplicaIdentity;
import ai.flameup.sync.source.slot.PublicationState;
import ai.flameup.sync.source.slot.PublicationVersion;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StoreLook;
import java.util.List;
import java.util.Optional;

/**
 * The publication.
 *
 * @param read the columns that the stream has to bring
 */
record PublicationCheck(Database database, Slot slot, List<Column> read, Optional<StoreLook> store, String setup)
        implements Check {
    static final String NAME = "publication";

    @Override
    public List<Finding> look() {
        PublicationState seen = PublicationState.at(database);
        boolean begun = isBegun();
        if (!seen.exists() && !begun) {
            return List.of(missing(seen.mayBeMade()));
        }
        if (seen.hasColumnList() && ReplicaIdentity.at(database).isFull()) {
            // A run refuses it as well, but the identity may be as it is because of on-delete: the list has to go.
            return List.of(Finding.failed(
                    ExitCode.POSTGRES,
                    NAME,
                    "its column list makes every UPDATE and DELETE of the application fail under REPLICA IDENTITY FULL"
                            + afterwards(begun),
                    tableAlone()));
        }
        PublicationVersion version = slot.publication().check(read);
        if (store.flatMap(StoreLook::publication)
                .filter(known -> !version.continues(known))
                .isPresent()) {
            throw slot.publication().missed();
        }
        return List.of(
                seen.hasColumnList()
                        ? Finding.warning(
                                NAME,
                                "it has a column list: a migration of the application that drops or retypes one of those columns will fail"
                                        + afterwards(begun),
                                tableAlone())
                        : Finding.ok(
                                NAME,
                                "%s: every insert, update and delete of the table"
                                        .formatted(settings().publication())));
    }

    /** What it holds beside the table, most often the one that bore the name before: told beside what is wrong with it. */
    List<Finding> others() {
        PublicationState seen = PublicationState.at(database);
        return seen.others().isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        NAME,
                        "%s, whose changes are read for nothing%s"
                                .formatted(String.join(", ", seen.others()), afterwards(isBegun())),
                        seen.isForAll()
                                ? "name a publication of %s alone in postgres.publication"
                                        .formatted(settings().tableName())
                                : tableAlone()));
    }

    private boolean isBegun() {
        return store.flatMap(StoreLook::position).isPresent();
    }

    private PostgresSettings settings() {
        return database.settings();
    }

    private Finding missing(boolean mayBeMade) {
        String name = settings().publication();
        return mayBeMade
                ? Finding.ok(NAME, "there is no %s yet; the first run makes it".formatted(name))
                : Finding.failed(
                        ExitCode.POSTGRES,
                        NAME,
                        "there is no %s, and role %s may not make it; the table's owner can, or an administrator by `%s`"
                                .formatted(name, settings().username(), setup),
                        "CREATE PUBLICATION %s FOR TABLE %s WITH (publish_via_partition_root = true);"
                                .formatted(Sql.identifier(name), settings().quotedTable()));
    }

    private String tableAlone() {
        return "ALTER PUBLICATION %s SET TABLE %s;"
                .formatted(Sql.identifier(settings().publication()), settings().quotedTable());
    }

    private static String afterwards(boolean begun) {
        return begun ? "; once it is gone, what was changed meanwhile has to be sent anew (`resync`)" : "";
    }
}
