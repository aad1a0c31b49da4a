package ai.flameup.sync.doctor;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.fault.Launcher;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.PostgresSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is examined. Immutable but for the token.
 *
 * @param configuration the file that was read
 * @param isNamed whether the file has to be named in every command
 * @param secrets the keys of the file that hold a secret as it is
 * @param maxRetainedWal in bytes
 * @param listen where the status server listens, unresolved; null where there is none
 * @param version ours
 */
public record Subject(
        Path configuration,
        boolean isNamed,
        List<String> secrets,
        PostgresSettings postgres,
        FlameupSettings flameup,
        MappingSettings mapping,
        Path stateDirectory,
        long maxRetainedWal,
        @Nullable InetSocketAddress listen,
        String version) {

    /** A command of ours, to be pasted. */
    String command(String verb) {
        return Launcher.command(verb, isNamed ? configuration.toAbsolutePath() : null);
    }
}
