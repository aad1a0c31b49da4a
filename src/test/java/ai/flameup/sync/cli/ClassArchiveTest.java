package ai.flameup.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list of the archived classes is maintained by hand, so it may become stale. */
class ClassArchiveTest {
    private static final double ENOUGH = 0.9;

    @Test
    void list_isSorted_andNearlyAllOfItExists() throws Exception {
        List<String> names;
        try (InputStream in = ClassArchive.class.getResourceAsStream("classes.txt")) {
            names = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }

        assertThat(names).isSorted().doesNotHaveDuplicates();
        long present = names.stream()
                .filter(name -> ClassArchive.load(name, getClass().getClassLoader()))
                .count();
        assertThat((double) present / names.size()).isGreaterThan(ENOUGH);
    }
}
