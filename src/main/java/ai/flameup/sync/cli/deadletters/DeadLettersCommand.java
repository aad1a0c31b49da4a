package ai.flameup.sync.cli.deadletters;

import picocli.CommandLine.Command;

@Command(
        name = "dead-letters",
        description = "Show the persons that Flameup refused, send them again, or discard them",
        subcommands = {
            DeadLettersListCommand.class,
            DeadLettersShowCommand.class,
            DeadLettersRetryCommand.class,
            DeadLettersDiscardCommand.class
        })
public final class DeadLettersCommand {}
