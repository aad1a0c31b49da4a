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
            "put the configuration right, or give this destination a state directory of its own";
    private static final String ANOTHER_SOURCE =
            "a gap is possible: put the configuration right, or run `flameup-sync resync` to begin anew from this source";

    /**
     * Called on the stored identity with the one that the configuration and the server give.
     *
     * @throws Fault naming every difference: {@link ExitCode#USAGE} if the destination is another, else
     *     {@link ExitCode#GAP} if the source is
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
     * As {@link #check}, of what may never be another. The user ids are those of the destination's persons.
     *
     * @throws Fault naming every difference, {@link ExitCode#USAGE}
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

    /** The source, for people; a server that is promoted stays the same. */
    public String source() {
        return "table %s of database %s, through slot %s of server %s"
                .formatted(table, database, slot, server.systemIdentifier);
    }

    /** The source on the very server that was asked: one that was promoted, and the one before, may both be there. */
    public String place() {
        return "%s, timeline %s".formatted(source(), server.timeline);
    }

    private static void compare(List<String> problems, String what, String stored, String given, String remedy) {
        if (!stored.equals(given)) {
            problems.add("the store belongs to another source or destination: %s was %s and is %s now; %s"
                    .formatted(what, stored, given, remedy));
        }
    }
}
