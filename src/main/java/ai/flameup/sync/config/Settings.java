package ai.flameup.sync.config;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.fault.Launcher;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.state.Identity;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The configuration of a run. Immutable but for the secrets, which are read again if they are in files. */
public record Settings(
        SettingsOrigin origin,
        SourceSettings source,
        FlameupSettings flameup,
        MappingSettings mapping,
        JobSettings job) {

    public PostgresSettings postgres() {
        return source.postgres();
    }

    /** In bytes. */
    public long maxRetainedWal() {
        return source.maxRetainedWal();
    }

    public Path stateDirectory() {
        return job.stateDirectory();
    }

    public PipelineSettings pipeline() {
        return job.pipeline();
    }

    /** Whether the first start sends the rows that exist already. */
    public boolean firstLoad() {
        return job.firstLoad();
    }

    public ObserveSettings observe() {
        return job.observe();
    }

    /** Completes the commands in a text, so that they use this configuration in any shell. Null for null. */
    @Nullable
    public String completeCommands(@Nullable String text) {
        return text == null ? null : Launcher.complete(text, origin.named());
    }

    /** Source and destination, from the configuration and the server's catalog. */
    public Identity identity(Catalog catalog) {
        return new Identity(
                new Identity.Server(catalog.systemIdentifier(), catalog.timeline()),
                catalog.database(),
                postgres().tableName(),
                postgres().slot(),
                new Identity.Destination(flameup.baseUrl().toString(), flameup.workspace(), mapping.userId()));
    }

    /**
     * Reads the token file again.
     *
     * @return whether the token has changed
     */
    public boolean reloadSecrets() {
        return origin.reload().getAsBoolean();
    }
}
