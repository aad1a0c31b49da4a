package ai.flameup.sync.it;

import java.io.IOException;
import java.util.stream.Stream;

/** Commands that need rights which a test may lack. */
final class Mounts {
    private Mounts() {}

    static boolean mount(String... arguments) throws Exception {
        return run(Stream.concat(Stream.of("mount"), Stream.of(arguments)).toArray(String[]::new));
    }

    static boolean run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException none) {
            return false;
        }
    }
}
