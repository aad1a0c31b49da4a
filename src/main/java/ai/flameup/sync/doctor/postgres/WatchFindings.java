package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.catalog.WatchAssessment;
import ai.flameup.sync.source.catalog.WatchedFitness;
import ai.flameup.sync.source.ddl.Statements;
import ai.flameup.sync.source.slot.WatchedMembership;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Checks whether the changes of the watched tables are in the stream, and whether they show which rows they concern. */
record WatchFindings(Database database, List<WatchedTable> watched) implements Check {
    static final String NAME = "watched tables";

    @Override
    public List<Finding> findings() {
        Map<WatchedTable, List<WatchedMembership.Lack>> lacks = database
                .read("reading the publication", connection -> new WatchedMembership(database.settings(), watched)
                        .lacks(connection))
                .stream()
                .collect(Collectors.groupingBy(WatchedMembership.Lack::table));
        List<Finding> findings = new ArrayList<>(truncates());
        for (WatchedTable table : watched) {
            List<Finding> found = new ArrayList<>();
            lacks.getOrDefault(table, List.of())
                    .forEach(lack -> found.add(Finding.failed(
                            ExitCode.POSTGRES,
                            NAME,
                            "publication %s: %s".formatted(database.settings().publication(), lack.what()),
                            lack.remedy() + ";")));
            found.addAll(Finding.failed(
                    ExitCode.POSTGRES,
                    NAME,
                    database.read(
                            "reading the definition of table " + table.name(),
                            connection -> WatchedFitness.problems(connection, List.of(table)))));
            WatchAssessment.of(database, table)
                    .forEach(remark -> found.add(Finding.warning(NAME, remark.problem(), remark.remedy())));
            findings.addAll(
                    found.isEmpty()
                            ? List.of(Finding.ok(NAME, "a change of %s shows which rows to read".formatted(table.id())))
                            : found);
        }
        return findings.stream().distinct().toList();
    }

    private List<Finding> truncates() {
        WatchedMembership membership = new WatchedMembership(database.settings(), watched);
        return watched.isEmpty() || database.read("reading the publication", membership::publishesTruncates)
                ? List.of()
                : List.of(Finding.warning(
                        NAME,
                        "publication %s does not publish TRUNCATE, so a run does not notice when a watched table is truncated. If a run has read from the publication, run `flameup-sync resync` after the fix"
                                .formatted(database.settings().publication()),
                        new Statements(database.settings(), "", "").publishAll() + ";"));
    }
}
