package ai.flameup.sync.source.setup;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import ai.flameup.sync.source.slot.Publication;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Creates, repairs or recreates the publication. Commits nothing. For one thread. */
final class PublicationSetup {
    private final Connection connection;
    private final PostgresSettings settings;
    private final Statements sql;
    private final SetupRequest request;
    private final Slot slot;
    private final Consumer<String> report;
    private final Publication publication;
    private final String name;

    /** @param report takes one line for the step */
    PublicationSetup(Connection connection, Statements sql, SetupRequest request, Slot slot, Consumer<String> report) {
        this.connection = connection;
        this.settings = sql.names();
        this.sql = sql;
        this.request = request;
        this.slot = slot;
        this.report = report;
        this.publication = Publication.of(settings);
        this.name = "publication " + settings.publication();
    }

    /**
     * Ensures that the publication carries the table, alone and whole.
     *
     * @param limit its column list; empty for none
     * @param granted what the role was granted, to be noted in the publication's comment
     * @throws Fault 3 if a foreign publication has the name; 75 if it has to be recreated while a run streams from it
     */
    void ensure(Table table, List<String> limit, OwnershipComment granted) throws SQLException {
        if (publication.version(connection).isEmpty()) {
            Publication.create(connection, sql, limit, granted);
            report.accept("%s: created for table %s%s".formatted(name, settings.tableName(), columns(limit)));
            return;
        }
        Optional<OwnershipComment> mark = publication.mark(connection);
        List<String> found = problems(table, limit);
        List<String> left = mark.isPresent() && dropOthers() ? problems(table, limit) : found;
        if (left.isEmpty()) {
            if (mark.isPresent() && granted.notesRights()) {
                Queries.execute(connection, sql.markPublication(granted.and(mark.get())));
            }
            report.accept("%s: exists and %s%s"
                    .formatted(
                            name,
                            found.isEmpty() ? "matches" : "was repaired, because " + String.join("; ", found),
                            columns(List.copyOf(publication.list(connection)))));
        } else if (mark.isPresent() || request.force()) {
            requireIdle(found);
            Queries.execute(connection, sql.dropPublication());
            Publication.create(connection, sql, limit, mark.map(granted::and).orElse(granted));
            report.accept("%s: recreated for table %s%s, because %s"
                    .formatted(name, settings.tableName(), columns(limit), String.join("; ", found)));
        } else {
            throw new Fault(
                    ExitCode.POSTGRES,
                    Stream.concat(
                                    left.stream().map(problem -> "Postgres: %s: %s".formatted(name, problem)),
                                    Stream.of(
                                            "Postgres: %s was not created by flameup-sync; choose another name in postgres.publication, or replace it with --force"
                                                    .formatted(name)))
                            .toList(),
                    null);
        }
    }

    /** Removes the other tables. The publication stays the same one, so a run that streams from it continues. */
    private boolean dropOthers() throws SQLException {
        List<String> others = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_publication_rel r"
                        + " JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE p.pubname = ? AND r.prrelid <> to_regclass(?) ORDER BY 1",
                row -> others.add(row.getString(1)),
                settings.publication(),
                settings.quotedTable());
        if (!others.isEmpty()) {
            Queries.execute(connection, sql.dropFromPublication(others));
        }
        return !others.isEmpty();
    }

    /** A run that streams through a publication halts with a gap when another one replaces it. */
    private void requireIdle(List<String> problems) {
        String holder = slot.inspect(request.role()).map(SlotState::holder).orElse("");
        if (!holder.isEmpty() && !request.force()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    "%s. That process would halt, because %s has to be recreated: %s; stop that process, run setup again, and then run `flameup-sync resync`"
                            .formatted(slot.inUse(holder).getMessage(), name, String.join("; ", problems)));
        }
    }

    private static String columns(List<String> limit) {
        return limit.isEmpty() ? "" : ", with the column list " + String.join(", ", limit);
    }

    private List<String> problems(Table table, List<String> limit) throws SQLException {
        List<String> problems = new ArrayList<>(publication.others(connection));
        problems.addAll(publication.heldBack(connection, table.read()));
        Set<String> list = publication.list(connection);
        if (!list.isEmpty() && ColumnLists.isIdentityFull(connection, settings)) {
            problems.add("it has a column list, with which updates fail under REPLICA IDENTITY FULL");
        }
        if (!limit.isEmpty() && !list.equals(new TreeSet<>(limit))) {
            problems.add(list.isEmpty() ? "it has no column list" : "its column list is " + String.join(", ", list));
        }
        return problems;
    }
}
