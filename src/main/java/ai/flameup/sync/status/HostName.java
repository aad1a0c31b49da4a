package ai.flameup.sync.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The name of this machine, or of its container. Stateless. */
final class HostName {
    private static final Logger LOG = LoggerFactory.getLogger(HostName.class);
    /** Read from the kernel, because Java's own way asks the name service, which may take seconds. */
    private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

    private HostName() {}

    /** Null if the kernel does not show it. */
    static @Nullable String current() {
        try {
            String name = Files.readString(KERNEL).strip();
            return name.isEmpty() ? null : name;
        } catch (IOException e) {
            LOG.debug("The name of the host is unknown", e);
            return null;
        }
    }
}
