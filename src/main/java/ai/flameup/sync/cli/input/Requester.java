package ai.flameup.sync.cli.input;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user who makes a request, as stored with it. */
public final class Requester {
    private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

    private Requester() {}

    /** As {@code user@host}. */
    public static String name() {
        return System.getProperty("user.name") + "@" + host();
    }

    /** From the kernel if possible, because Java would query the name service, which may be broken. */
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
