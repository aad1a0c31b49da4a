package ai.flameup.sync.doctor;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the status server can open its port.
 *
 * @param listen unresolved; null if the status server is off
 * @param holder the pid of the run that holds the state directory
 */
record PortCheck(@Nullable InetSocketAddress listen, Optional<String> holder) implements Check {
    private static final String NAME = "status port";

    @Override
    public List<Finding> findings() {
        if (listen == null) {
            return List.of(Finding.ok(NAME, "off (status.listen)"));
        }
        String address = listen.getHostString() + ":" + listen.getPort();
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(listen.getHostString(), listen.getPort()));
            return List.of(Finding.ok(NAME, address + " is free"));
        } catch (IOException e) {
            return List.of(
                    holder.isPresent()
                            ? Finding.ok(
                                    NAME,
                                    "%s is in use by the run (pid %s), as expected".formatted(address, holder.get()))
                            : taken("%s cannot be opened: %s".formatted(address, e.getMessage())));
        }
    }

    private static Finding taken(String message) {
        return Finding.failed(
                ExitCode.USAGE,
                NAME,
                message,
                "ss -ltnp   # shows the process that uses it. Stop it, or set status.listen to another port or to off");
    }
}
