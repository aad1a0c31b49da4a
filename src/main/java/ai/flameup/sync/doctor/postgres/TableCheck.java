package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
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
 * Checks the table, and what the role may read of it.
 *
 * @param problems of the parts that could be inspected
 * @param mapped the mapped columns; empty if one of them is missing
 */
record TableCheck(
        Database database,
        MappingSettings mapping,
        Catalog catalog,
        Map<Part, List<String>> problems,
        List<String> mapped)
        implements Check {

    private static final String COLUMNS = "columns";
    private static final String GRANTS = "grants";
    private static final String IDENTITY = "replica identity";
    private static final String USER_ID = "user id";

    @Override
    public List<Finding> findings() {
        PostgresSettings settings = database.settings();
        List<Finding> findings = new ArrayList<>();
        addPart(findings, Part.TABLE, "table", settings.tableName() + ", its changes are in the stream");
        if (!canBeInspected()) {
            addPart(findings, Part.GRANTS, GRANTS, "");
            return findings;
        }
        addPart(findings, Part.PRIMARY_KEY, "primary key", String.join(", ", names()));
        addColumns(findings);
        addPart(findings, Part.GRANTS, GRANTS, "%s may read the mapped columns".formatted(settings.username()));
        if (isFine(Part.REPLICA_IDENTITY)) {
            findings.add(identity(ReplicaIdentity.read(database)));
        } else {
            addPart(findings, Part.REPLICA_IDENTITY, IDENTITY, "");
        }
        if (catalog.columns().containsKey(mapping.userId())) {
            findings.add(userId(settings));
        }
        return findings;
    }

    /** False if it does not exist, or the role may not use its schema. */
    boolean canBeInspected() {
        return problems.containsKey(Part.PRIMARY_KEY);
    }

    private boolean isFine(Part part) {
        return problems.containsKey(part) && problems.get(part).isEmpty();
    }

    private void addPart(List<Finding> findings, Part part, String name, String fine) {
        if (isFine(part)) {
            findings.add(Finding.ok(name, fine));
        } else if (problems.containsKey(part)) {
            // Where the message leaves a column to choose, the user id is known to identify rows.
            findings.addAll(Finding.failed(
                    ExitCode.POSTGRES,
                    name,
                    problems.get(part).stream().map(this::withUserIdAsKey).toList()));
        }
    }

    /** The columns of a partition key may follow the placeholder, and the user id may be one of them. */
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

    private void addColumns(List<Finding> findings) {
        String fine = "%s are mapped, and all have supported types".formatted(mapped.size());
        List<String> readAgain = isFine(Part.COLUMNS) ? catalog.notStreamed(database, mapped) : List.of();
        if (readAgain.isEmpty()) {
            addPart(findings, Part.COLUMNS, COLUMNS, fine);
        } else {
            findings.add(
                    Finding.warning(
                            COLUMNS,
                            "%s; %s not in the stream, so the row of each change is read from the table again"
                                    .formatted(
                                            fine,
                                            String.join(", ", readAgain) + (readAgain.size() == 1 ? " is" : " are")),
                            "Remove columns that you do not need from the mapping, or map the columns from which a generated column is computed"));
        }
    }

    private Finding identity(ReplicaIdentity identity) {
        boolean hasUserId = identity.columns().contains(mapping.userId());
        if (mapping.onDelete() != OnDelete.IGNORE && !hasUserId) {
            return Finding.warning(
                    IDENTITY,
                    "a delete does not contain column %s, so on-delete cannot mark the person: each becomes a dead letter"
                            .formatted(mapping.userId()),
                    Partitioning.of(database).fullIdentity(database.settings().name()));
        }
        String columns = identity.isFull()
                ? "full"
                : String.join(", ", identity.columns().stream().sorted().toList());
        return Finding.ok(
                IDENTITY,
                "%s is sufficient: stored addresses keep persons in order, and a delete contains %s"
                        .formatted(
                                columns, hasUserId ? "the user id" : "only the key, which on-delete: ignore allows"));
    }

    private Finding userId(PostgresSettings settings) {
        String column = mapping.userId();
        return Catalog.isUnique(database, column)
                ? Finding.ok(USER_ID, column + " is unique")
                : Finding.warning(
                        USER_ID,
                        "%s has no unique index of its own: rows with the same id become one person with the state of the row that was changed last"
                                .formatted(column),
                        Partitioning.of(database).uniqueIndex(settings, column));
    }
}
