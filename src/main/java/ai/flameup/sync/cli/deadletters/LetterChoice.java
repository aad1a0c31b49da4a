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

/** The dead letters of a command: those with the given ids, or all with {@code --all}. */
final class LetterChoice {
    private static final int MAX_NAMED = 20;

    @Parameters(
            paramLabel = "ID",
            arity = "0..*",
            description = "Select dead letters by their ids, see dead-letters list")
    private final List<Long> ids = new ArrayList<>();

    @Option(names = "--all", description = "Select every dead letter")
    private boolean all;

    boolean all() {
        return all;
    }

    /** @throws Fault 2 without any selection, or with both kinds */
    void check() {
        if (all && !ids.isEmpty()) {
            throw new Fault(ExitCode.USAGE, "--all and IDs exclude each other. Pass one of them");
        }
        if (!all && ids.isEmpty()) {
            throw new Fault(ExitCode.USAGE, "no IDs. Pass those that `flameup-sync dead-letters list` shows, or --all");
        }
    }

    /**
     * The given ids, each once.
     *
     * @throws Fault 2 that names the ids without a dead letter
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

    /** The number of selected dead letters. */
    long count(StateStore store) {
        return all ? store.deadLetters().count() : in(store).size();
    }

    static Fault unknown(List<Long> ids) {
        String named = ids.stream().limit(MAX_NAMED).map(String::valueOf).collect(Collectors.joining(", "));
        String more = ids.size() > MAX_NAMED ? " and %s more".formatted(ids.size() - MAX_NAMED) : "";
        return new Fault(
                ExitCode.USAGE,
                "no dead letter %s%s, so nothing was done. `flameup-sync dead-letters list` shows the existing ones"
                        .formatted(named, more));
    }
}
