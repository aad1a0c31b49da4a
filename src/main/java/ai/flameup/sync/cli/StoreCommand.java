package ai.flameup.sync.cli;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParentCommand;

/** What groups of commands on the store have in common: where it is. */
abstract class StoreCommand {
    @ParentCommand
    private @Nullable Main main;

    final Main main() {
        return Objects.requireNonNull(main, "picocli sets the parent");
    }

    final Path stateDirectory() {
        return SettingsFile.stateDirectory(main().config(), main().environment());
    }

    final Settings settings() {
        return SettingsFile.load(main().config(), main().environment());
    }
}
