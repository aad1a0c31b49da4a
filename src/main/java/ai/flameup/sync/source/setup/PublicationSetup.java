package ai.flameup.sync.source.setup;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import ai.flameup.sync.source.slot.Publication;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import ai.flameup.sync.source.slot.WatchedMembership;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Creates, repairs or recreates the publication. Commits nothing. For one thread. */
final class PublicationSetup {
    /**
     * Where setup works.
     *
     * @param report takes one line for each step
     */
    record Session(Connection connection, Slot slot, Consumer<String> report) {}

    private final Connection connection;
    private final PostgresSettings settings;
    private final Publication publication;
    private final WatchedMembership membership;
    private final Statements sql;
    private final SetupRequest request;
    private final Slot slot;
    private final Consumer<String> report;
    private final String name;

    /** @param watched the watched tables */
    PublicationSetup(Statements sql, List<WatchedTable> watched, SetupRequest request, Session session) {
        this.connection = session.connection;
        this.settings = sql.names();
        this.publication = Publication.of(settings, watched);
        this.membership = new WatchedMembership(settings, watched);
        this.sql = sql;
        this.request = request;
        this.slot = session.slot;
        this.report = session.report;
        this.name = "publication " + settings.publication();
    }

    /**
     * Ensures that the publication carries the table and the watched tables, alone and whole.
     *
     * @param limit its column list; empty for none
     * @param granted what the role was granted, to be noted in the publication's comment
     * @throws Fault 3 if a foreign publication has the name; 75 if it has to be recreated while a run streams from it
     */
    void ensure(Table table, List<String> limit, OwnershipComment granted) throws SQLException {
        if (publication.version(connection).isEmpty()) {
            publication.create(connection, sql, limit, granted);
            report.accept("%s: created for %s%s".formatted(name, tables(), columns(limit)));
            return;
        }
        Optional<OwnershipComment> mark = publication.mark(connection);
        List<String> found = problems(table, limit);
        List<String> left = mark.isPresent() && repairTables() ? problems(table, limit) : found;
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
            publication.create(connection, sql, limit, mark.map(granted::and).orElse(granted));
            report.accept("%s: recreated for %s%s, because %s"
                    .formatted(name, tables(), columns(limit), String.join("; ", found)));
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

    /** The publication stays the same one, so a run that streams from it continues. */
    private boolean repairTables() throws SQLException {
        boolean dropped = dropOthers();
        return addWatched() || dropped;
    }

    private boolean dropOthers() throws SQLException {
        List<String> others = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_publication_rel r"
                        + " JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE p.pubname = ? AND r.prrelid <> to_regclass(?) AND r.prrelid <> ALL (?::oid[]) ORDER BY 1",
                row -> others.add(row.getString(1)),
                settings.publication(),
                settings.quotedTable(),
                publication.oids());
        if (!others.isEmpty()) {
            Queries.execute(connection, sql.dropFromPublication(others));
        }
        return !others.isEmpty();
    }

    /** Adds the watched tables that it lacks, and adds those again of which it publishes only a part. */
    private boolean addWatched() throws SQLException {
        Map<TableName, WatchedTable> lacking = new LinkedHashMap<>();
        membership.lacks(connection).forEach(lack -> lacking.put(lack.table().name(), lack.table()));
        for (WatchedTable table : lacking.values()) {
            if (isMember(table)) {
                Queries.execute(
                        connection, sql.dropFromPublication(List.of(table.name().quoted())));
            }
            Queries.execute(connection, sql.addToPublication(table.name()));
        }
        return !lacking.isEmpty();
    }

    private boolean isMember(WatchedTable table) throws SQLException {
        return Queries.isTrue(
                connection,
                "SELECT true FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid"
                        + " WHERE p.pubname = ? AND r.prrelid = ?::oid",
                settings.publication(),
                table.oidText());
    }

    private String tables() {
        List<TableName> watched = publication.watched();
        return "table " + settings.tableName()
                + watched.stream().map(table -> ", " + table).collect(Collectors.joining());
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
        membership.lacks(connection).forEach(lack -> problems.add(lack.what() + "; " + lack.remedy()));
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
