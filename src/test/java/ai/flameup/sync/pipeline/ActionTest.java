package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.InstanceofCheck;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Java 17 does not check that a chain of instanceof covers a sealed interface, so this does. */
class ActionTest {
    private static Set<String> checkedBy(JavaClass type) {
        return type.getInstanceofChecks().stream()
                .map(InstanceofCheck::getRawType)
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
    }

    private static Set<String> kindsOf(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses())
                .map(Class::getName)
                .collect(Collectors.toSet());
    }

    @Test
    void interpreter_coversEveryAction() {
        assertThat(new ClassFileImporter()
                                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                                .importPackages("ai.flameup.sync")
                                .stream()
                                .filter(type -> type.isAssignableTo(ActionInterpreter.class) && !type.isInterface()))
                .singleElement()
                .satisfies(interpreter -> assertThat(checkedBy(interpreter)).containsAll(kindsOf(Action.class)));
    }

    @Test
    void stateMachine_coversEveryEvent() {
        JavaClass machine = new ClassFileImporter()
                .importClasses(DeliveryStateMachine.class)
                .get(DeliveryStateMachine.class);

        assertThat(checkedBy(machine)).containsAll(kindsOf(Event.class));
    }
}
