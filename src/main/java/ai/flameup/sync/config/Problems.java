package ai.flameup.sync.config;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.ArrayList;
import java.util.List;

/** Collects the problems of a configuration, so that they are reported together. For one thread. */
final class Problems {
    private final String file;
    private final List<String> lines = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(String key, String problem) {
        lines.add("%s: %s: %s".formatted(file, key, problem));
    }

    /**
     * @throws Fault 2 with every problem if there are any
     */
    void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new Fault(ExitCode.USAGE, lines, null);
        }
    }
}
