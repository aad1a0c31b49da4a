package ai.flameup.sync.cli.input;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who asks for something, as the store keeps it. */
public final class Requester {
    private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

    private Requester() {}

    /** user@host */
    public static String name() {
        return System.getProperty("user.name") + "@" + host();
    }

    /** From the kernel where it tells, because Java would ask the name service, which may be what is broken. */
    private static String host() {
        try {
            return Files.readString(KERNEL).strip();
        } catch (IOException noLinux) {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException nameless) {
                return "localhost";
            }
        }
    }
}
