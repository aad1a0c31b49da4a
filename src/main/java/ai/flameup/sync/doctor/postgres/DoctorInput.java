package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.fault.Launcher;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.PostgresSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is examined. Immutable, except for the token. */
public record DoctorInput(
        ConfigurationFile configuration,
        PostgresSettings postgres,
        FlameupSettings flameup,
        MappingSettings mapping,
        Sidecar sidecar) {

    /**
     * The file that was read.
     *
     * @param isNamed whether every command has to name it
     * @param secrets the keys whose value is a secret in plain text
     */
    public record ConfigurationFile(Path path, boolean isNamed, List<String> secrets) {}

    /**
     * The sidecar's own settings.
     *
     * @param maxRetainedWal in bytes
     * @param listen where the status server listens, unresolved; null if it is off
     * @param version of this program
     */
    public record Sidecar(
            Path stateDirectory,
            long maxRetainedWal,
            @Nullable InetSocketAddress listen,
            String version) {}

    /** A command of this program, to paste. */
    public String command(String verb) {
        return Launcher.command(verb, configuration.isNamed ? configuration.path.toAbsolutePath() : null);
    }
}
