package ai.flameup.sync.cli.backfill;

import picocli.CommandLine.Command;

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
public final class BackfillCommand {}
