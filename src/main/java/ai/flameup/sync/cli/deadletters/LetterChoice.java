package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.StateStore;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which letters a command is about: these, or every one, which has to be said. */
final class LetterChoice {
    private static final int MOST_NAMED = 20;

    @Parameters(paramLabel = "ID", arity = "0..*", description = "the letters' ids, which the list tells")
    private final List<Long> ids = new ArrayList<>();

    @Option(names = "--all", description = "every dead letter that there is")
    private boolean all;

    boolean all() {
        return all;
    }

    /** @throws Fault 2 where neither or both are said */
    void check() {
        if (all && !ids.isEmpty()) {
            throw new Fault(ExitCode.USAGE, "--all goes without IDs; give either");
        }
        if (!all && ids.isEmpty()) {
            throw new Fault(ExitCode.USAGE, "no IDs: give those that `flameup-sync dead-letters list` shows, or --all");
        }
    }

    /**
     * Those that were named, each once.
     *
     * @throws Fault 2 that names those without a letter
     */
    Set<Long> in(StateStore store) {
        List<Long> unknown = ids.stream()
                .distinct()
                .filter(id -> store.deadLetters().one(id).isEmpty())
                .toList();
        if (!unknown.isEmpty()) {
            throw unknown(unknown);
        }
        return new LinkedHashSet<>(ids);
    }

    /** How many letters it is about. */
    long count(StateStore store) {
        return all ? store.deadLetters().count() : in(store).size();
    }

    static Fault unknown(List<Long> ids) {
        String named = ids.stream().limit(MOST_NAMED).map(String::valueOf).collect(Collectors.joining(", "));
        String more = ids.size() > MOST_NAMED ? " and %s more".formatted(ids.size() - MOST_NAMED) : "";
        return new Fault(
                ExitCode.USAGE,
                "no dead letter %s%s, so nothing was done; `flameup-sync dead-letters list` shows those that there are"
                        .formatted(named, more));
    }
}
