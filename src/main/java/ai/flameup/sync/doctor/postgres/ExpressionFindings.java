package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.catalog.ExpressionCheck;
import ai.flameup.sync.source.catalog.WatchCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Checks the expressions of the mapping on the server. */
record ExpressionFindings(Database database, MappingSettings mapping) implements Check {
    static final String NAME = "expressions";

    @Override
    public List<Finding> findings() {
        Map<String, String> expressions = MappedColumns.expressions(mapping);
        ExpressionCheck check = ExpressionCheck.of(database, expressions);
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok(
                NAME,
                "the server computes %s for each row, so each changed row is read".formatted(expressions.size())));
        check.unnoticed(WatchCheck.of(database, mapping.watch()))
                .ifPresent(problem -> findings.add(Finding.warning(
                        NAME,
                        problem,
                        "Add the table to mapping.watch, or run flameup-sync backfill start --all regularly")));
        check.warnings().forEach(warning -> {
            String[] parts = warning.split("; ", 2);
            findings.add(Finding.warning(NAME, parts[0], parts[1]));
        });
        return findings;
    }
}
