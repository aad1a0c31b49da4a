package ai.flameup.sync.config;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.fault.Launcher;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.state.Identity;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a run is told. Immutable but for the secrets, which are read again where they are in files.
 *
 * @param named the file that it is from, where a command has to name it to be about this job; else null
 * @param maxRetainedWal in bytes
 * @param firstLoad whether the rows are sent that are there before the first start
 * @param notices what an operator ought to know of the file itself
 * @param onSlotLost what is done where the slot does not continue the stored position
 * @param notInForce the keys that were given and that this version only accepts
 * @param reload reads the token file again, and tells whether it holds another one now
 */
public record Settings(
        @Nullable Path named,
        PostgresSettings postgres,
        FlameupSettings flameup,
        MappingSettings mapping,
        PipelineSettings pipeline,
        Path stateDirectory,
        ObserveSettings observe,
        long maxRetainedWal,
        boolean firstLoad,
        List<Status.Notice> notices,
        OnSlotLost onSlotLost,
        List<String> notInForce,
        BooleanSupplier reload) {
    /** A text whose commands are about this job wherever they are pasted. */
    @Nullable
    public String aboutUs(@Nullable String text) {
        return text == null ? null : Launcher.complete(text, named);
    }

    /** Source and destination as the configuration and the server give them. */
    public Identity identity(Catalog catalog) {
        return new Identity(
                new Identity.Server(catalog.systemIdentifier(), catalog.timeline()),
                catalog.database(),
                postgres.tableName(),
                postgres.slot(),
                new Identity.Destination(flameup.baseUrl().toString(), flameup.workspace(), mapping.userId()));
    }

    /**
     * Reads the secrets again that are in files.
     *
     * @return whether one is another now
     */
    public boolean reloadSecrets() {
        return reload.getAsBoolean();
    }
}
