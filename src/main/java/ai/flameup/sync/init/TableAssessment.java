package ai.flameup.sync.init;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.catalog.TableDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a new configuration can be based on.
 *
 * @param mapping the proposed mapping
 * @param beforeRun what would prevent a run with this mapping, each with its remedy; empty if nothing would
 * @param bySuperuser whether a run would use the role of a superuser
 */
public record TableAssessment(MappingProposal mapping, List<String> beforeRun, boolean bySuperuser) {
    /**
     * Connects and inspects the table; changes nothing.
     *
     * @throws Fault 3 if the table cannot be configured
     */
    public static TableAssessment at(PostgresSettings postgres) {
        try (Database database = new Database(postgres)) {
            database.reach();
            MappingProposal mapping = MappingProposal.of(TableDescription.read(database), postgres);
            return new TableAssessment(mapping, beforeRun(database, mapping), Preconditions.isSuperuser(database));
        }
    }

    /**
     * As {@link #at}, through an administrator's login, whose rights are not checked because the run uses another role.
     *
     * @throws Fault 3 if the table cannot be configured
     */
    public static TableAssessment through(PostgresSettings admin) {
        try (Database database = Database.ofAdministrator(admin)) {
            database.reach();
            MappingProposal mapping = MappingProposal.of(TableDescription.read(database), admin);
            return new TableAssessment(
                    mapping, problems(() -> Preconditions.followable(database, present -> columns(mapping))), false);
        }
    }

    private static List<String> beforeRun(Database database, MappingProposal mapping) {
        return problems(() -> Preconditions.checkedCatalog(database, present -> columns(mapping)));
    }

    private static List<String> columns(MappingProposal mapping) {
        List<String> columns = new ArrayList<>();
        columns.add(mapping.userId().column());
        Stream.ofNullable(mapping.email()).forEach(columns::add);
        mapping.traits().stream()
                .filter(trait -> trait.leftOut() == null)
                .map(ProposedTrait::column)
                .forEach(columns::add);
        return columns;
    }

    private static List<String> problems(Runnable check) {
        try {
            check.run();
            return List.of();
        } catch (Fault notYet) {
            return notYet.problems();
        }
    }
}
