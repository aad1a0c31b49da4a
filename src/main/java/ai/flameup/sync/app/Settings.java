package ai.flameup.sync.app;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.source.PostgresSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Everything that a run is told. Immutable but for the secrets, which are read again where they are in files.
 *
 * @param maxRetainedWal in bytes
 * @param firstLoad whether the rows are sent that are there before the first start
 * @param notices what an operator ought to know of the file itself
 * @param notInForce the keys that were given and that this version only accepts
 * @param reload reads the token file again, and tells whether it holds another one now
 */
public record Settings(
        PostgresSettings postgres,
        FlameupSettings flameup,
        MappingSettings mapping,
        PipelineSettings pipeline,
        Path stateDirectory,
        ObserveSettings observe,
        long maxRetainedWal,
        boolean firstLoad,
        List<Status.Notice> notices,
        List<String> notInForce,
        BooleanSupplier reload) {

    /**
     * Reads the secrets again that are in files.
     *
     * @return whether one is another now
     */
    boolean reloadSecrets() {
        return reload.getAsBoolean();
    }
}
