package ai.flameup.sync.source.setup;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import ai.flameup.sync.source.slot.Publication;
import ai.flameup.sync.source.slot.Slot;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Makes what a run needs in the database, where it is missing: the role, its rights, the publication, and last the slot.
 * What is there and right stays as it is; what is another's is refused before anything is made. For one thread.
 */
public final class Setup {
    private static final String LOCK_LIMIT = "SET LOCAL lock_timeout = '10s'";
    private static final String LOCKED = "55P03";
    static final String MAY_NOT = "42501";

    /** The table, and its partitions, each of which has a replica identity of its own. */
    private static final String TABLES =
            "(c.oid = to_regclass(?) OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(?)) WHERE isleaf))";

    /**
     * What is wanted.
     *
     * @param role that the sidecar connects as
     * @param password for the role if it is to be made; empty for none
     * @param limitColumns whether the publication lists the columns that are read
     * @param force whether a publication or an idle slot of somebody else is replaced
     */
    public record Wish(String role, String password, boolean limitColumns, boolean force) {}

    /**
     * What there is to be granted and published.
     *
     * @param database its name
     * @param columns that the role has to read
     * @param limit the publication's column list; empty for none
     */
    public record Plan(String database, List<String> columns, List<String> limit) {}

    private final Database database;
    private final Wish wish;
    private final Consumer<String> told;
    private final Slot slot;

    /**
     * @param database through which all is done, and that names what is made
     * @param told takes what is done, a line at a time
     */
    public Setup(Database database, Wish wish, Consumer<String> told) {
        this.database = database;
        this.wish = wish;
        this.told = told;
        this.slot = new Slot(database, true);
    }

    /**
     * @param mapped tells the mapped columns, of those that there are
     * @param replicating tries the role's own login for replication, and throws what is wrong with it; called before the
     *     slot is made
     * @param giveUp asked again and again whether to wait no longer for transactions that keep the slot from being made
     * @throws Fault 3 where it cannot or must not be made; 7 where a slot of ours was lost; 75 where somebody else uses
     *     it, or the slot was given up
     */
    public void run(Function<Set<String>, List<String>> mapped, Runnable replicating, BooleanSupplier giveUp)
            throws InterruptedException {
        Optional<Slot.Seen> seen = slot.look(wish.role());
        demandOurs(seen);
        List<String> done = new ArrayList<>();
        try (Connection connection = database.connection()) {
            Table table = Preconditions.followable(database, connection, mapped);
            Plan plan = plan(connection, table);
            execute(connection, LOCK_LIMIT);
            Statements sql = new Statements(database.settings(), wish.role(), plan.database());
            OwnershipComment given = new RoleRights(connection, sql, done::add).give(plan.columns(), wish.password());
            publication(connection, sql, table, plan.limit(), given, done::add);
            connection.commit();
        } catch (SQLException e) {
            throw refused(e);
        }
        done.forEach(told);
        replicating.run();
        slot(seen, giveUp);
    }

    /**
     * Looks at the table; changes nothing.
     *
     * @throws Fault 3 where there is none that can be followed
     */
    public Plan plan(Function<Set<String>, List<String>> mapped) {
        try (Connection connection = database.connection()) {
            return plan(connection, Preconditions.followable(database, connection, mapped));
        } catch (SQLException e) {
            throw database.fault("looking at the table", e);
        }
    }

    private Plan plan(Connection connection, Table table) throws SQLException {
        return new Plan(
                Queries.text(connection, "SELECT current_database()"),
                table.read().stream().map(Column::name).toList(),
                wish.limitColumns() ? limit(connection, table) : List.of());
    }

    private void demandOurs(Optional<Slot.Seen> there) {
        if (there.isEmpty()) {
            return;
        }
        Slot.Seen seen = there.get();
        if (seen.active() && (seen.stranger() != null || !seen.ours())) {
            throw slot.inUse(seen.holder());
        }
        if (seen.stranger() != null && !wish.force()) {
            throw postgres(
                    "slot %s is another's (%s); name another in postgres.slot, or give --force to have it replaced"
                            .formatted(name(), seen.stranger()));
        }
        if (seen.stranger() == null && !seen.usable()) {
            throw new Fault(
                    ExitCode.GAP,
                    "Postgres: slot %s was invalidated by the server: changes may be missing; run `flameup-sync resync`, or, where nothing was delivered yet, `flameup-sync teardown --slot-only` and this again"
                            .formatted(name()));
        }
    }

    private String name() {
        return database.settings().slot();
    }

    private void publication(
            Connection connection,
            Statements sql,
            Table table,
            List<String> limit,
            OwnershipComment given,
            Consumer<String> done)
            throws SQLException {
        Publication publication = Publication.of(database.settings());
        String name = "publication " + database.settings().publication();
        if (publication.version(connection).isEmpty()) {
            Publication.create(connection, sql, limit, given);
            done.accept("%s: made, of table %s%s".formatted(name, sql.names().tableName(), columns(limit)));
            return;
        }
        Optional<OwnershipComment> mark = publication.mark(connection);
        List<String> found = wrong(connection, publication, table, limit);
        List<String> wrong =
                mark.isPresent() && dropOthers(connection, sql) ? wrong(connection, publication, table, limit) : found;
        if (wrong.isEmpty()) {
            if (mark.isPresent() && given.notesRights()) {
                execute(connection, sql.markPublication(given.and(mark.get())));
            }
            done.accept("%s: is there, and %s%s"
                    .formatted(
                            name,
                            found.isEmpty() ? "right" : "put right, because " + String.join("; ", found),
                            columns(List.copyOf(publication.list(connection)))));
        } else if (mark.isPresent() || wish.force()) {
            demandIdle(name, found);
            execute(connection, sql.dropPublication());
            Publication.create(connection, sql, limit, mark.map(given::and).orElse(given));
            done.accept("%s: made anew, of table %s%s, because %s"
                    .formatted(name, sql.names().tableName(), columns(limit), String.join("; ", found)));
        } else {
            throw new Fault(
                    ExitCode.POSTGRES,
                    Stream.concat(
                                    wrong.stream().map(problem -> "Postgres: %s: %s".formatted(name, problem)),
                                    Stream.of(
                                            "Postgres: %s was not made by flameup-sync; name another in postgres.publication, or give --force to have it replaced"
                                                    .formatted(name)))
                            .toList(),
                    null);
        }
    }

    /** Takes what else it holds out of it, which leaves it the same publication: a run that streams just now goes on. */
    private boolean dropOthers(Connection connection, Statements sql) throws SQLException {
        List<String> others = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_publication_rel r"
                        + " JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE p.pubname = ? AND r.prrelid <> to_regclass(?) ORDER BY 1",
                row -> others.add(row.getString(1)),
                database.settings().publication(),
                database.settings().quotedTable());
        if (!others.isEmpty()) {
            execute(connection, sql.dropFromPublication(others));
        }
        return !others.isEmpty();
    }

    /** Whoever streams by a publication halts with a gap once another takes its place. */
    private void demandIdle(String name, List<String> wrong) {
        String holder = slot.look(wish.role())
                .filter(Slot.Seen::active)
                .map(Slot.Seen::holder)
                .orElse("");
        if (!holder.isEmpty() && !wish.force()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    "%s, which would halt: %s has to be made anew, because %s; stop that first, run this again, and then `flameup-sync resync`"
                            .formatted(slot.inUse(holder).getMessage(), name, String.join("; ", wrong)));
        }
    }

    private static String columns(List<String> limit) {
        return limit.isEmpty() ? "" : ", with the column list " + String.join(", ", limit);
    }

    private List<String> wrong(Connection connection, Publication publication, Table table, List<String> limit)
            throws SQLException {
        List<String> wrong = new ArrayList<>(publication.others(connection));
        wrong.addAll(publication.heldBack(connection, table.read()));
        Set<String> list = publication.list(connection);
        if (!list.isEmpty() && isFull(connection)) {
            wrong.add("it has a column list, with which updates fail under REPLICA IDENTITY FULL");
        }
        if (!limit.isEmpty() && !list.equals(new TreeSet<>(limit))) {
            wrong.add(list.isEmpty() ? "it has no column list" : "its column list is " + String.join(", ", list));
        }
        return wrong;
    }

    /**
     * The columns that are read and those of the replica identity, without which updates would fail.
     *
     * @throws Fault 3 where a list would do harm, or the server knows none
     */
    private List<String> limit(Connection connection, Table table) throws SQLException {
        if (!Publication.hasLists(connection)) {
            throw postgres("a publication has column lists from PostgreSQL 15 on; leave --limit-columns out");
        }
        if (isFull(connection)) {
            throw postgres(
                    "table %s has REPLICA IDENTITY FULL, under which every UPDATE and DELETE of the application fails where the publication lists columns; leave --limit-columns out"
                            .formatted(database.settings().tableName()));
        }
        Set<String> names = new TreeSet<>();
        table.read().forEach(column -> names.add(column.name()));
        String quoted = database.settings().quotedTable();
        Queries.query(
                connection,
                "SELECT a.attname FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid"
                        + " AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END"
                        + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])"
                        + " WHERE " + TABLES,
                row -> names.add(row.getString(1)),
                quoted,
                quoted);
        // Generated columns are in no list, and are read beside the stream.
        Queries.query(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attgenerated <> ''",
                row -> names.remove(row.getString(1)),
                quoted);
        return List.copyOf(names);
    }

    private boolean isFull(Connection connection) throws SQLException {
        String quoted = database.settings().quotedTable();
        return !Queries.text(
                        connection,
                        "SELECT string_agg(c.relname, '') FROM pg_class c WHERE c.relreplident = 'f' AND " + TABLES,
                        quoted,
                        quoted)
                .equals("null");
    }

    private void slot(Optional<Slot.Seen> seen, BooleanSupplier giveUp) throws InterruptedException {
        if (seen.isPresent() && seen.get().stranger() == null) {
            told.accept("slot %s: %s".formatted(name(), state(seen.get())));
            return;
        }
        if (seen.isPresent()) {
            slot.drop();
            told.accept("slot %s: removed the one that was there (%s)"
                    .formatted(name(), seen.get().stranger()));
        }
        Lsn begin = slot.create(giveUp)
                .orElseThrow(() -> new Fault(
                        ExitCode.TRY_LATER,
                        "Postgres: slot %s was not made: running transactions kept it; everything else is there. Run setup again when they have ended"
                                .formatted(name())));
        note(begin);
        told.accept("slot %s: made; the stream begins at %s".formatted(name(), begin));
        told.accept(
                "attention: from here on the server keeps all WAL that flameup-sync has not confirmed, whether it runs or not;"
                        + " start `flameup-sync run` now, or give the slot up with `flameup-sync teardown --slot-only`");
    }

    private String state(Slot.Seen seen) {
        if (seen.active()) {
            return "is there, and right; in use by flameup-sync, " + seen.holder();
        }
        if (slot.mayBeOlderThanPublication()) {
            return "exists, but is older than the publication. The first run recreates it if anything was changed before the"
                    + " publication was made. If a run has already delivered from it, run `flameup-sync resync`";
        }
        return "is there, and right";
    }

    /** So that the first run knows that it is the first. */
    private void note(Lsn begin) {
        try (Connection connection = database.connection()) {
            Publication.of(database.settings()).noteSlot(connection, begin);
            connection.commit();
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    private Fault refused(SQLException e) {
        Fault fault = database.fault("setting up", e);
        String state = String.valueOf(e.getSQLState());
        if (state.equals(LOCKED)) {
            return postgres(
                    "table %s is locked by somebody, and setup waits 10 s at most so that nobody waits for it; run setup again"
                            .formatted(database.settings().tableName()));
        }
        if (!state.equals(MAY_NOT)) {
            return fault;
        }
        boolean ourselves = database.settings().username().equals(wish.role());
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: role %s may not set this up: %s; %s"
                        .formatted(
                                database.settings().username(),
                                PostgresFailures.message(e),
                                ourselves
                                        ? "run `flameup-sync setup --admin-url postgres://ADMIN@HOST/DATABASE`, or hand an administrator what `flameup-sync setup --print-sql` prints"
                                        : "a superuser may, and from PostgreSQL 16 on who owns the table and has CREATEROLE, REPLICATION, and CREATE on the database; before, a superuser alone may give REPLICATION"),
                e);
    }

    private static void execute(Connection connection, String statement) throws SQLException {
        try (Statement one = connection.createStatement()) {
            one.execute(statement);
        }
    }

    private static Fault postgres(String problem) {
        return new Fault(ExitCode.POSTGRES, "Postgres: " + problem);
    }
}
