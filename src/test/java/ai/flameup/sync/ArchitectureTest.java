package ai.flameup.sync;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The walls between the packages. */
class ArchitectureTest {
    private static final String BASE = "ai.flameup.sync.";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("ai.flameup.sync");

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }

    /** Ours and what is below it. */
    private static String[] ours(String... names) {
        return Arrays.stream(names).map(name -> BASE + name + "..").toArray(String[]::new);
    }

    private static void onlyIn(String[] homes, String... libraries) {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(homes)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(libraries));
    }

    /** Of our own packages, these and no others. */
    private static void mayUse(String user, String... others) {
        String[] allowed = Arrays.copyOf(others, others.length + 1);
        allowed[others.length] = user;
        check(noClasses()
                .that()
                .resideInAnyPackage(ours(user))
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.and(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("ai.flameup.sync.."),
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages(ours(allowed)))));
    }

    @Test
    void debeziumStaysInTheSource() {
        onlyIn(ours("source"), "io.debezium..", "org.apache.kafka..");
    }

    @Test
    void theHttpClientStaysInDelivery() {
        onlyIn(ours("delivery"), "org.apache.hc..");
    }

    @Test
    void databasesStayWhereTheyBelong() {
        onlyIn(ours("state"), "org.sqlite..");
        onlyIn(ours("source", "demo"), "org.postgresql..", "com.zaxxer..");
        onlyIn(ours("state", "source", "demo"), "java.sql..", "javax.sql..");
    }

    @Test
    void theCommandLineStaysInItsPackage() {
        onlyIn(ours("cli"), "picocli..");
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ours("cli"))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err"));
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ours("cli"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ours("cli")));
    }

    @Test
    void theDemosLibrariesStayInTheDemo() {
        onlyIn(ours("demo"), "io.zonky..");
        onlyIn(ours("demo", "cli"), ours("demo"));
    }

    @Test
    void nothingPointsBackUp() {
        mayUse("fault");
        mayUse("change", "fault");
        mayUse("mapping", "change", "fault");
        mayUse("delivery", "change", "fault");
        mayUse("state", "change", "fault");
        mayUse("source", "change", "fault");
        mayUse("observe", "fault");
        mayUse("doctor", "change", "fault", "mapping", "delivery", "state", "source");
        mayUse("doctor", "change", "fault", "mapping", "delivery", "state", "source");
        mayUse("demo", "fault");
        mayUse("pipeline", "change", "fault", "mapping", "delivery");
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching(BASE + "(*)..").should().beFreeOfCycles());
    }
}
