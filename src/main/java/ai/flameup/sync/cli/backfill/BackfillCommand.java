package ai.flameup.sync.cli.backfill;

import picocli.CommandLine.Command;

@Command(
        name = "backfill",
        description = "Send existing rows again while live changes continue",
        subcommands = {
            BackfillStartCommand.class,
            BackfillListCommand.class,
            BackfillPauseCommand.class,
            BackfillResumeCommand.class,
            BackfillCancelCommand.class
        })
public final class BackfillCommand {}
