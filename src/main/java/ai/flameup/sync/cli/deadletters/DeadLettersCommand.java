package ai.flameup.sync.cli.deadletters;

import picocli.CommandLine.Command;

@Command(
        name = "dead-letters",
        description = "The persons whom Flameup refused: who and why; sends them again, or forgets them.",
        subcommands = {
            DeadLettersListCommand.class,
            DeadLettersShowCommand.class,
            DeadLettersRetryCommand.class,
            DeadLettersDiscardCommand.class
        })
public final class DeadLettersCommand {}
