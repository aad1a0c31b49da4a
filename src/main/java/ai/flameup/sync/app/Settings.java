package ai.flameup.sync.app;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.source.PostgresSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything that a run is told. Immutable but for the secrets, which are read again where they are in files.
 *
 * @param maxRetainedWal in bytes
 * @param notInForce the keys that were given and that this version only accepts
 * @param reload reads the token file again
 */
public record Settings(
        PostgresSettings postgres,
        FlameupSettings flameup,
        MappingSettings mapping,
        PipelineSettings pipeline,
        Path stateDirectory,
        ObserveSettings observe,
        long maxRetainedWal,
        List<String> notInForce,
        Runnable reload) {

    /** Reads the secrets again that are in files. */
    void reloadSecrets() {
        reload.run();
    }
}
