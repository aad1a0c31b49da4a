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
        name = "dead-letters",
        description = "The persons whom Flameup refused: who and why; sends them again, or forgets them.",
        subcommands = {
            DeadLettersListCommand.class,
            DeadLettersShowCommand.class,
            DeadLettersRetryCommand.class,
            DeadLettersDiscardCommand.class
        })
final class DeadLettersCommand {
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
