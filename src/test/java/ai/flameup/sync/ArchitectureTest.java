package ai.flameup.sync;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The walls between the packages. */
class ArchitectureTest {
    private static final String BASE = "ai.flameup.sync.";
    private static final int MAX_LINES = 300;
    private static final int MAX_PARAMETERS = 5;

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
    void debezium_isUsedBySourceStreamOnly() {
        onlyIn(ours("source.stream"), "io.debezium..", "org.apache.kafka..");
    }

    @Test
    void httpClient_isUsedByDeliveryOnly() {
        onlyIn(ours("delivery"), "org.apache.hc..");
    }

    @Test
    void databaseDrivers_areUsedByTheirPackagesOnly() {
        onlyIn(ours("state"), "org.sqlite..");
        onlyIn(ours("source", "demo"), "org.postgresql..", "com.zaxxer..");
        onlyIn(ours("state", "source", "demo"), "java.sql..", "javax.sql..");
    }

    @Test
    void commandLine_isUsedByItsPackageOnly() {
        onlyIn(ours("cli"), "picocli..");
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ours("cli"))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err"));
    }

    @Test
    void demoLibraries_areUsedByTheDemoOnly() {
        onlyIn(ours("demo"), "io.zonky..");
        onlyIn(ours("demo", "cli"), ours("demo"));
    }

    /** Data flows downwards: each package may use those below it that are named here. */
    @Test
    void packages_useOnlyWhatIsBelowThem() {
        mayUse("fault");
        mayUse("change", "fault");
        mayUse("mapping", "change", "fault");
        mayUse("delivery", "change", "fault");
        mayUse("state", "change", "fault");
        mayUse("source", "change", "fault");
        mayUse("observe", "fault");
        mayUse("demo", "fault");
        mayUse("pipeline", "change", "fault", "mapping", "delivery");
        mayUse("doctor", "change", "fault", "mapping", "delivery", "state", "source");
        String[] lower = {"change", "fault", "mapping", "delivery", "state", "source", "observe", "pipeline"};
        mayUse("config", with(lower, "doctor"));
        mayUse("init", "change", "fault", "mapping", "source");
        mayUse("status", with(lower, "config"));
        mayUse("resume", with(lower, "config"));
        mayUse("backfill", with(lower, "config", "status"));
        mayUse("job", with(lower, "config", "status", "resume", "backfill"));
        mayUse("ops", with(lower, "doctor", "config", "status", "resume", "backfill", "job"));
    }

    /** Within the source: the catalog below, then rows, fence and slot, and the stream and the setup above. */
    @Test
    void sourcePackages_useOnlyWhatIsBelowThem() {
        check(noClasses()
                .that()
                .resideInAPackage(BASE + "source")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(BASE + "source.*.."));
        mayUse("source.type", "change", "fault", "source");
    }

    private static String[] with(String[] names, String... more) {
        String[] all = Arrays.copyOf(names, names.length + more.length);
        System.arraycopy(more, 0, all, names.length, more.length);
        return all;
    }

    @Test
    void packages_haveNoCycles() {
        check(slices().matching("ai.flameup.sync.(**)").should().beFreeOfCycles());
    }

    @Test
    void files_haveNoCycles() {
        check(slices().assignedFrom(new FileAssignment()).should().beFreeOfCycles());
    }

    @Test
    void constructors_takeAtMostFiveParameters() {
        check(constructors().should(new TakeAtMost(MAX_PARAMETERS)));
    }

    @Test
    void files_haveAtMostThreeHundredLines() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<String> longer = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                int lines = Files.readAllLines(file).size();
                if (lines > MAX_LINES) {
                    longer.add("%s: %s lines".formatted(file, lines));
                }
            }
            assertThat(longer).isEmpty();
        }
    }

    /** Each file is a slice: its class with those that are nested in it. */
    private static final class FileAssignment implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().startsWith("ai.flameup.sync")
                    ? SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""))
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "files";
        }
    }

    /** Counts the parameters that the source names: not the enclosing instance, and not an enum's name and ordinal. */
    private static final class TakeAtMost extends ArchCondition<JavaConstructor> {
        private final int limit;

        TakeAtMost(int limit) {
            super("take at most " + limit + " parameters");
            this.limit = limit;
        }

        @Override
        public void check(JavaConstructor constructor, ConditionEvents events) {
            JavaClass owner = constructor.getOwner();
            boolean isInner = owner.isInnerClass() && !owner.getModifiers().contains(JavaModifier.STATIC);
            int hidden = owner.isEnum() ? 2 : isInner ? 1 : 0;
            int count = constructor.getRawParameterTypes().size() - hidden;
            if (!owner.isAnonymousClass() && count > limit) {
                events.add(SimpleConditionEvent.violated(
                        constructor, "%s takes %s parameters".formatted(constructor.getFullName(), count)));
            }
        }
    }
}
