package ai.flameup.sync.state;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.ArrayList;
import java.util.List;

/**
 * The source and the destination that a store belongs to: it is never used with others. Immutable.
 *
 * @param table with its schema
 */
public record Identity(Server server, String database, String table, String slot, Destination destination) {

    /**
     * A PostgreSQL server.
     *
     * @param systemIdentifier as Postgres prints it: an unsigned 64-bit number
     */
    public record Server(String systemIdentifier, int timeline) {}

    /** The persons at Flameup; the user ids are theirs. */
    public record Destination(String baseUrl, String workspace, String userIdColumn) {}

    private static final String ANOTHER_DESTINATION =
            "correct the configuration, or set state.directory to a separate directory for this destination";
    private static final String ANOTHER_SOURCE =
            "correct the configuration; for a new installation, move state.directory away; to continue with this source and"
                    + " store, run `flameup-sync resync`, which sends every row again";

    /**
     * Compares the stored identity with the one of the configuration and the server.
     *
     * @throws Fault with every difference: {@link ExitCode#USAGE} if the destination differs, else
     *     {@link ExitCode#GAP} if the source does
     */
    public void check(Identity actual) {
        List<String> problems = destinationProblems(actual);
        ExitCode exitCode = problems.isEmpty() ? ExitCode.GAP : ExitCode.USAGE;

        compare(
                problems,
                "the server's system identifier",
                server.systemIdentifier,
                actual.server.systemIdentifier,
                ANOTHER_SOURCE);
        compare(problems, "the server's timeline", "" + server.timeline, "" + actual.server.timeline, ANOTHER_SOURCE);
        compare(problems, "the database", database, actual.database, ANOTHER_SOURCE);
        compare(problems, "postgres.table", table, actual.table, ANOTHER_SOURCE);
        compare(problems, "postgres.slot", slot, actual.slot, ANOTHER_SOURCE);
        if (!problems.isEmpty()) {
            throw new Fault(exitCode, problems, null);
        }
    }

    /**
     * As {@link #check}, for the destination only, which can never change.
     *
     * @throws Fault with every difference, {@link ExitCode#USAGE}
     */
    public void checkDestination(Identity actual) {
        List<String> problems = destinationProblems(actual);
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.USAGE, problems, null);
        }
    }

    private List<String> destinationProblems(Identity actual) {
        List<String> problems = new ArrayList<>();
        Destination given = actual.destination;
        compare(problems, "flameup.base-url", destination.baseUrl, given.baseUrl, ANOTHER_DESTINATION);
        compare(problems, "flameup.workspace", destination.workspace, given.workspace, ANOTHER_DESTINATION);
        compare(problems, "mapping.user-id", destination.userIdColumn, given.userIdColumn, ANOTHER_DESTINATION);
        return problems;
    }

    /** This identity, on another server. */
    public Identity onServer(Server other) {
        return new Identity(other, database, table, slot, destination);
    }

    /** Describes the source. A promotion does not change the description. */
    public String source() {
        return "table %s of database %s, through slot %s of server %s"
                .formatted(table, database, slot, server.systemIdentifier);
    }

    /** Describes the source and the timeline, because a promoted server and its predecessor may both exist. */
    public String location() {
        return "%s, timeline %s".formatted(source(), server.timeline);
    }

    private static void compare(List<String> problems, String what, String stored, String given, String remedy) {
        if (!stored.equals(given)) {
            problems.add(
                    "the store belongs to an earlier installation, or to another source or destination: %s was %s and is %s now; %s"
                            .formatted(what, stored, given, remedy));
        }
    }
}
