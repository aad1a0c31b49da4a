package ai.flameup.sync.cli;

import ai.flameup.sync.app.Settings;
import ai.flameup.sync.app.SettingsFile;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** What its subcommands have in common: where the store is. */
@Command(
        name = "backfill",
        description = "Sends rows again while live changes go on.",
        subcommands = {
            BackfillStartCommand.class,
            BackfillListCommand.class,
            BackfillPauseCommand.class,
            BackfillResumeCommand.class,
            BackfillCancelCommand.class
        })
final class BackfillCommand {
    @ParentCommand
    private @Nullable Main main;

    Main main() {
        return Objects.requireNonNull(main, "picocli sets the parent");
    }

    Path stateDirectory() {
        return SettingsFile.stateDirectory(main().config(), main().environment());
    }

    Settings settings() {
        return SettingsFile.load(main().config(), main().environment());
    }
}
