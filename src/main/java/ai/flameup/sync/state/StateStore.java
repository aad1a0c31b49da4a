package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * What was delivered and what is still to do, in a SQLite database that survives the process and the machine's power.
 *
 * <p>May be shared between threads: one connection, one method at a time. What a method has done is on the disk when it
 * returns. Every method throws {@link Fault} if the store cannot be used any more, with {@link ExitCode#STORE}, or
 * {@link ExitCode#TRY_LATER} where another process keeps it locked for seconds; and {@link IllegalStateException} for a
 * bug in the caller, after which the store is as it was before.
 */
public final class StateStore implements AutoCloseable {
    /** How many letters one transaction changes at most, where there may be any number: the job's writer waits for it. */
    private static final int LETTERS_AT_ONCE = 1_000;

    private final Path file;
    private final Statements statements;
    private final RetryTable retries;
    private final DeadLetterTable deadLetters;
    private final Backfills backfills;
    private final Resyncs resyncs;
    private final StoredKeys keys;
    private final StoreFaults faults;
    private final Runnable afterwards;
    private SynchronousMode synchronous = SynchronousMode.FULL;

    /**
     * @param connection is closed with the store
     * @param afterwards run once that is closed
     */
    StateStore(Path file, Connection connection, Runnable afterwards) {
        this.file = file;
        this.statements = new Statements(connection);
        this.retries = new RetryTable(statements);
        this.deadLetters = new DeadLetterTable(statements, retries);
        this.backfills = new Backfills(this, new BackfillTable(statements));
        this.resyncs = new Resyncs(this, statements);
        this.keys = new StoredKeys(this, statements);
        this.faults = new StoreFaults(file);
        this.afterwards = afterwards;
    }

    /**
     * Opens the store, makes it where there is none, and brings an older one to the present form, of which a copy is
     * kept beside it first. To be called by the process that holds the {@link StateDirectory}.
     *
     * @throws Fault with {@link ExitCode#STORE} if it is damaged, from a newer version, or cannot be written; then it is
     *     left as it is
     */
    public static StateStore open(Path directory) {
        return open(directory, Migrations.bundled());
    }

    /**
     * Opens the store beside the process that may hold the {@link StateDirectory} and have it open: for commands, which
     * look and leave a request. It is neither made nor checked nor brought to another form.
     *
     * @throws Fault with {@link ExitCode#USAGE} if there is no store yet, because that most often says that the
     *     configuration names another directory; with {@link ExitCode#STORE} if it is of another version, or cannot be read
     */
    public static StateStore openBeside(Path directory) {
        Path file = file(directory);
        return new StateStore(file, new StoreFile(file, Migrations.bundled()).openBeside(), () -> {});
    }

    /**
     * Copies a store, which another process may have open, into an empty directory.
     *
     * @return whether it has a position, which it has from the first start on; only then there is a copy
     * @throws Fault as {@link #openBeside}
     */
    public static boolean copy(Path directory, Path into) {
        try (StateStore store = openBeside(directory)) {
            boolean begun = store.position().isPresent();
            if (begun) {
                store.copyTo(file(into));
            }
            return begun;
        }
    }

    private synchronized void copyTo(Path copy) {
        read(() -> statements.run("VACUUM INTO ?", copy.toString()));
    }

    /** Whether a store has been made in the directory before, or may have been, where we may not look. */
    public static boolean isAt(Path directory) {
        return !Files.notExists(file(directory));
    }

    private static Path file(Path directory) {
        return directory.resolve("state.db");
    }

    static StateStore open(Path directory, Migrations migrations) {
        Path file = file(directory);
        StoreFile storeFile = new StoreFile(file, migrations);
        return new StateStore(file, storeFile.open(), storeFile::closed);
    }

    /** Empty until {@link #adopt}. */
    public synchronized Optional<Identity> identity() {
        return one(
                "SELECT * FROM identity",
                row -> new Identity(
                        row.getString("system_identifier"),
                        row.getInt("timeline"),
                        row.getString("database_name"),
                        row.getString("table_name"),
                        row.getString("slot"),
                        row.getString("base_url"),
                        row.getString("workspace"),
                        row.getString("user_id_column")));
    }

    /**
     * Makes the store that of a source and a destination, which happens once, and says where the stream begins.
     *
     * @param publication which one the stream comes through, for {@link #publication()}
     */
    public synchronized void adopt(Identity identity, String publication, Lsn position) {
        if (identity().isPresent()) {
            throw new IllegalStateException("the store has an identity already");
        }
        inTransaction(() -> {
            statements.runForOne(
                    "INSERT INTO identity (one, system_identifier, timeline, database_name, table_name, slot,"
                            + " base_url, workspace, user_id_column, publication)"
                            + " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    identity.systemIdentifier(),
                    identity.timeline(),
                    identity.database(),
                    identity.table(),
                    identity.slot(),
                    identity.baseUrl(),
                    identity.workspace(),
                    identity.userIdColumn(),
                    publication);
            statements.runForOne("INSERT INTO position VALUES (1, ?)", position.toString());
        });
    }

    /** Which publication the stream has come through; empty before {@link #adopt}, and in a store of an older version. */
    public synchronized Optional<String> publication() {
        return one("SELECT publication FROM identity WHERE publication IS NOT NULL", row -> row.getString(1));
    }

    /** For a store that an older version has made, and where changes were missed: then no publication is as this says. */
    public synchronized void publication(String instance) {
        inTransaction(() -> statements.runForOne("UPDATE identity SET publication = ?", instance));
    }

    /** The table as the catalog had it when it was last looked at; empty before that. */
    public synchronized Optional<String> tableVersion() {
        return one("SELECT table_version FROM identity WHERE table_version IS NOT NULL", row -> row.getString(1));
    }

    public synchronized void tableVersion(String version) {
        inTransaction(() -> statements.runForOne("UPDATE identity SET table_version = ?", version));
    }

    /** The traits that are mapped because none are named; empty before they are set. */
    public synchronized Optional<List<String>> defaultTraits() {
        return one("SELECT default_traits FROM identity WHERE default_traits IS NOT NULL", row -> Stream.of(
                        row.getString(1).split(" ", -1))
                .filter(name -> !name.isEmpty())
                .toList());
    }

    /** @param names without blanks */
    public synchronized void defaultTraits(List<String> names) {
        inTransaction(() -> statements.runForOne("UPDATE identity SET default_traits = ?", String.join(" ", names)));
    }

    /** The last heartbeat that has come through; empty where none has since the store began, or began anew. */
    public synchronized Optional<StateUpdate.Witness> witness() {
        return one(
                "SELECT witness, witness_lsn FROM identity WHERE witness IS NOT NULL",
                row -> new StateUpdate.Witness(row.getString(1), Lsn.parse(row.getString(2))));
    }

    /** A gap that a later look at the server would not show any more; empty where there is none. */
    public synchronized Optional<String> gap() {
        return one("SELECT gap FROM identity WHERE gap IS NOT NULL", row -> row.getString(1));
    }

    /** It stays one until the store begins anew. */
    public synchronized void gap(String gap) {
        inTransaction(() -> statements.runForOne("UPDATE identity SET gap = ?", gap));
    }

    /** Where reading goes on: everything before it is settled. Empty until {@link #adopt}. */
    public synchronized Optional<Lsn> position() {
        Optional<Lsn> position = one("SELECT lsn FROM position", row -> Lsn.parse(row.getString(1)));
        if (position.isEmpty() && identity().isPresent()) {
            throw faults.damaged("its position is missing");
        }
        return position;
    }

    /** The budget that the API told of last; empty where it has told of none. */
    public synchronized Optional<StateUpdate.Allowance> allowance() {
        return one(
                "SELECT requests, window_seconds FROM allowance",
                row -> new StateUpdate.Allowance(row.getLong(1), Duration.ofSeconds(row.getLong(2))));
    }

    public Backfills backfills() {
        return backfills;
    }

    public Resyncs resyncs() {
        return resyncs;
    }

    public StoredKeys keys() {
        return keys;
    }

    /**
     * Makes all of the updates, in order, or none.
     *
     * @throws IllegalStateException if the position would go backwards, or a backfill does not exist
     */
    public synchronized void apply(List<StateUpdate> updates) {
        inTransaction(() -> new UpdateTransaction(statements).make(updates));
    }

    /**
     * As {@link #apply}, but does not wait for the disk: killing the process undoes nothing, while the machine's power may
     * take the newest of such transactions back, up to the last one that was waited for. Whether that is harmless the
     * caller knows.
     */
    synchronized void applyUnforced(List<StateUpdate> updates) {
        if (!updates.isEmpty()) {
            inTransaction(SynchronousMode.NORMAL, () -> new UpdateTransaction(statements).make(updates));
        }
    }

    /** How addresses are numbered in this store. */
    public synchronized AddressHash addressHash() {
        return new AddressHash(
                one("SELECT key FROM secret", row -> row.getBytes(1)).orElseThrow());
    }

    /** Opens a way of its own to the addresses held, for one thread; to be closed before the store. */
    public HeldAddresses heldAddresses() {
        return new HeldAddresses(file, faults);
    }

    public synchronized long deadLetterCount() {
        return read(deadLetters::count);
    }

    /** How many there are of each status, where there are any; 0 is the status of those that were not sent or not answered. */
    public synchronized SortedMap<Integer, Long> deadLettersByStatus() {
        return read(deadLetters::byStatus);
    }

    /**
     * A page of the dead letters, in the order of their ids, which is that in which their persons were first parked.
     *
     * @param afterId the last of the page before; 0 for the first page
     */
    public synchronized List<DeadLetter> deadLetters(long afterId, int limit) {
        return read(() -> deadLetters.page(afterId, limit));
    }

    public synchronized Optional<DeadLetter> deadLetter(long id) {
        return read(() -> deadLetters.one(id));
    }

    /**
     * Takes dead letters away. A retry that they are under counts them as gone.
     *
     * @return how many there were
     */
    public synchronized long discard(Collection<Long> ids) {
        return write(() -> deadLetters.discard(Set.copyOf(ids)));
    }

    /** As {@link #discard}, for all that are there when it is called. A kill may leave some of them. */
    public long discardAll() {
        long last = newestLetter();
        long discarded = 0;
        long after = 0;
        for (List<Long> ids = letterIds(after, last); !ids.isEmpty(); ids = letterIds(after, last)) {
            discarded += discard(ids);
            after = ids.get(ids.size() - 1);
        }
        return discarded;
    }

    private synchronized long newestLetter() {
        return read(deadLetters::newestId);
    }

    private synchronized List<Long> letterIds(long after, long last) {
        return read(() -> deadLetters.ids(after, last, LETTERS_AT_ONCE));
    }

    /**
     * Asks for dead letters to be sent again, from their rows as they are by then; a running job does it. A letter that is
     * under an earlier retry is under this one from now on. One whose row's key is not known cannot be sent again: it is
     * counted as asked and refused, and stays as it is. Ids without a letter are not counted.
     *
     * @param by user@host
     */
    public synchronized Retry requestRetry(Collection<Long> ids, String by) {
        return write(() -> deadLetters.addToRetry(deadLetters.newRetry(by).id(), Set.copyOf(ids)));
    }

    /** As {@link #requestRetry}, for all that are there when it is called. A kill may leave a retry of some of them. */
    public Retry requestRetryAll(String by) {
        long last = newestLetter();
        Retry retry = requestRetry(List.of(), by);
        long after = 0;
        for (List<Long> ids = letterIds(after, last); !ids.isEmpty(); ids = letterIds(after, last)) {
            retry = addToRetry(retry.id(), ids);
            after = ids.get(ids.size() - 1);
        }
        return retry;
    }

    private synchronized Retry addToRetry(long retry, List<Long> ids) {
        return write(() -> deadLetters.addToRetry(retry, Set.copyOf(ids)));
    }

    /** Empty where there is none, and for an automatic one that ended before a later one began. */
    public synchronized Optional<Retry> retry(long id) {
        return read(() -> retries.one(id));
    }

    /** The retry that a letter is under; empty where it is under none. */
    public synchronized Optional<Retry> retryOf(long letterId) {
        return read(() -> retries.ofLetter(letterId));
    }

    /** Those that have not ended, oldest first. To be asked every second: it reads those alone, however many letters there are. */
    public synchronized List<Retry> openRetries() {
        return read(retries::open);
    }

    /**
     * A page of the letters that are to be sent again, of all open retries, in the order of their ids. Each has a key. It
     * stays among them until its person is delivered or parked, or it is told that the row is gone.
     *
     * @param afterLetterId the last of the page before; 0 for the first page
     */
    public synchronized List<DeadLetter> nextUnderRetry(long afterLetterId, int limit) {
        return read(() -> deadLetters.pageUnderRetry(afterLetterId, limit));
    }

    /**
     * Rows that are to be read again, in the order of their ids.
     *
     * @param afterId the last of the page before; 0 for the first page
     */
    public synchronized List<Deferred> deferred(long afterId, int limit) {
        return read(() -> statements.all(
                "SELECT id, row_key FROM deferred WHERE id > ? ORDER BY id LIMIT ?",
                row -> new Deferred(row.getLong(1), Objects.requireNonNull(RowKeys.key(row.getBytes(2)))),
                afterId,
                limit));
    }

    /** What waits to be sent from its row as it is by then. */
    public synchronized Pending pending() {
        return one(
                        "SELECT count(*), coalesce(min(id), 0), min(since) FROM deferred",
                        row -> new Pending(row.getLong(1), row.getLong(2), row.getString(3)))
                .orElseThrow()
                .with(openRetries());
    }

    public synchronized boolean hasDeferred() {
        return !deferred(0, 1).isEmpty();
    }

    /** How the last run ended that has ended; empty where none has. */
    public synchronized Optional<Integer> lastExitCode() {
        return lastRun().map(EndedRun::exitCode);
    }

    /** The last run that has ended; empty where none has. */
    public synchronized Optional<EndedRun> lastRun() {
        return one(
                "SELECT mode, ended_at, exit_code FROM run WHERE exit_code IS NOT NULL ORDER BY id DESC LIMIT 1",
                row -> new EndedRun(row.getString(1), Instant.parse(row.getString(2)), row.getInt(3)));
    }

    /**
     * @param mode {@code run} or {@code until-caught-up}
     */
    public record EndedRun(String mode, Instant at, int exitCode) {}

    /** Begins an entry in the history of runs, and gives its id. */
    public synchronized long startRun(String mode, Instant at) {
        return write(() -> statements.insert("INSERT INTO run (mode, started_at) VALUES (?, ?)", mode, at.toString()));
    }

    public synchronized void endRun(long id, Instant at, int exitCode, long delivered, long parked, long requests) {
        inTransaction(() -> statements.runForOne(
                "UPDATE run SET ended_at = ?, exit_code = ?, delivered = ?, parked = ?, requests = ? WHERE id = ?",
                at.toString(),
                exitCode,
                delivered,
                parked,
                requests,
                id));
    }

    @Override
    public synchronized void close() {
        try {
            statements.connection().close();
        } catch (SQLException e) {
            throw faults.of(e);
        }
        afterwards.run();
    }

    /** What is asked of the database, or done in it. */
    interface Query<T> {
        T run() throws SQLException;
    }

    private <T> Optional<T> one(String query, Statements.Reader<T> reader) {
        return read(() -> statements.one(query, reader));
    }

    synchronized <T> T read(Query<T> query) {
        try {
            return query.run();
        } catch (SQLException e) {
            throw faults.of(e);
        } catch (IllegalArgumentException | DateTimeException unreadable) {
            // What we wrote can be read; this was written by somebody else, or by a disk.
            throw faults.damaged("a value in it cannot be read");
        }
    }

    synchronized <T> T write(Query<T> query) {
        List<T> result = new ArrayList<>(1);
        inTransaction(() -> result.add(query.run()));
        return result.get(0);
    }

    private void inTransaction(Sqlite.Work work) {
        inTransaction(SynchronousMode.FULL, work);
    }

    private void inTransaction(SynchronousMode mode, Sqlite.Work work) {
        try {
            if (synchronous != mode) {
                Sqlite.setSynchronous(statements.connection(), mode);
                synchronous = mode;
            }
            Sqlite.inTransaction(statements.connection(), work);
        } catch (SQLException e) {
            throw faults.of(e);
        }
    }
}
