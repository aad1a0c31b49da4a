package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.Partitioning;
import ai.flameup.sync.source.catalog.Preconditions.Part;
import ai.flameup.sync.source.catalog.ReplicaIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The table, and what we may read of it.
 *
 * @param problems those of the parts that could be looked at
 * @param mapped the columns that are mapped; empty where one of them is missing
 */
record TableCheck(
        Database database,
        MappingSettings mapping,
        Catalog catalog,
        Map<Part, List<String>> problems,
        List<String> mapped)
        implements Check {

    private static final String GRANTS = "grants";
    private static final String IDENTITY = "replica identity";
    private static final String USER_ID = "user id";

    @Override
    public List<Finding> look() {
        PostgresSettings settings = database.settings();
        List<Finding> findings = new ArrayList<>();
        add(findings, Part.TABLE, "table", settings.tableName() + ", whose changes are in the stream");
        if (!canBeLookedAt()) {
            add(findings, Part.GRANTS, GRANTS, "");
            return findings;
        }
        add(findings, Part.PRIMARY_KEY, "primary key", String.join(", ", names()));
        add(findings, Part.COLUMNS, "columns", columns());
        add(findings, Part.GRANTS, GRANTS, "%s may read what is mapped".formatted(settings.username()));
        if (isFine(Part.REPLICA_IDENTITY)) {
            findings.add(identity(ReplicaIdentity.at(database)));
        } else {
            add(findings, Part.REPLICA_IDENTITY, IDENTITY, "");
        }
        if (catalog.columns().containsKey(mapping.userId())) {
            findings.add(userId(settings));
        }
        return findings;
    }

    /** Not where it is not there, or its schema is closed to us. */
    boolean canBeLookedAt() {
        return problems.containsKey(Part.PRIMARY_KEY);
    }

    private boolean isFine(Part part) {
        return problems.containsKey(part) && problems.get(part).isEmpty();
    }

    private void add(List<Finding> findings, Part part, String name, String fine) {
        if (isFine(part)) {
            findings.add(Finding.ok(name, fine));
        } else if (problems.containsKey(part)) {
            // The column that we know to tell rows apart, where the message leaves the choice.
            findings.addAll(Finding.failed(
                    ExitCode.POSTGRES,
                    name,
                    problems.get(part).stream().map(this::withUserIdAsKey).toList()));
        }
    }

    /** Behind the placeholder may be the columns of a partition key, and the user id among them. */
    private String withUserIdAsKey(String problem) {
        String userId = Sql.identifier(mapping.userId());
        int others = problem.indexOf("KEY (..., ");
        return others >= 0 && problem.indexOf(userId, others) > 0
                ? problem.replace("KEY (..., ", "KEY (")
                : problem.replace("KEY (...", "KEY (" + userId);
    }

    private List<String> names() {
        return catalog.key().stream().map(column -> column.name()).toList();
    }

    private String columns() {
        List<String> readAgain = catalog.notStreamed(database, mapped);
        return "%s are mapped, all of types that can be sent".formatted(mapped.size())
                + (readAgain.isEmpty()
                        ? ""
                        : "; %s not in the stream, so the row is read again after each change"
                                .formatted(String.join(", ", readAgain) + (readAgain.size() == 1 ? " is" : " are")));
    }

    private Finding identity(ReplicaIdentity identity) {
        boolean tellsUserId = identity.columns().contains(mapping.userId());
        if (mapping.onDelete() != OnDelete.IGNORE && !tellsUserId) {
            return Finding.warning(
                    IDENTITY,
                    "a deletion does not tell column %s, so on-delete cannot mark the person: each becomes a dead letter"
                            .formatted(mapping.userId()),
                    Partitioning.of(database).fullIdentity(database.settings()));
        }
        String told = identity.isFull()
                ? "full"
                : String.join(", ", identity.columns().stream().sorted().toList());
        return Finding.ok(
                IDENTITY,
                ("%s: persons are kept in order by the addresses that are remembered, which asks for no more;"
                                + " a deletion tells %s")
                        .formatted(
                                told,
                                tellsUserId
                                        ? "its person"
                                        : "its key, and not its person, as on-delete: ignore allows"));
    }

    private Finding userId(PostgresSettings settings) {
        String column = mapping.userId();
        return Catalog.isUnique(database, column)
                ? Finding.ok(USER_ID, column + ", which is unique")
                : Finding.warning(
                        USER_ID,
                        "%s has no unique index of its own: rows that share an id become one person, whose state is that of the row changed last"
                                .formatted(column),
                        Partitioning.of(database).uniqueIndex(settings, column));
    }
}
