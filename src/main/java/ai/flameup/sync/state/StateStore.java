package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.pending.Backfills;
import ai.flameup.sync.state.pending.DeadLetters;
import ai.flameup.sync.state.pending.DeferredChanges;
import ai.flameup.sync.state.pending.DeferredRows;
import ai.flameup.sync.state.pending.PendingWork;
import ai.flameup.sync.state.pending.Searches;
import ai.flameup.sync.state.sqlite.Migrations;
import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.sqlite.StoreFile;
import ai.flameup.sync.state.update.LetterLog;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.state.update.UpdateTransaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What was delivered and what is still to do, in a SQLite database that survives the process and a loss of power.
 *
 * <p>May be shared between threads: one connection, one method at a time. A change is on the disk when its method
 * returns. Every method throws {@link Fault} if the store cannot be used any more: with {@link ExitCode#STORE}, or with
 * {@link ExitCode#TRY_LATER} if another process keeps it locked for seconds. It throws {@link IllegalStateException} for a
 * bug in the caller, after which the store is as it was before.
 */
public final class StateStore implements AutoCloseable {
    private final Path file;
    private final StoreConnection connection;
    private final Runnable afterClose;
    private boolean wasClosed = true;
    private final IdentityTable identity;
    private final DeadLetters deadLetters;
    private final Backfills backfills;
    private final Resyncs resyncs;
    private final RowKeyColumns keys;
    private final Searches searches;
    private final DeferredRows deferredRows;
    private final DeferredChanges deferredChanges;
    private final RunHistory runs;
    private final LetterLog letterLog = new LetterLog();

    /**
     * @param afterClose run after the store has closed the connection
     */
    StateStore(Path file, Connection connection, Runnable afterClose) {
        this.file = file;
        this.connection = new StoreConnection(file, connection);
        this.afterClose = afterClose;
        this.identity = new IdentityTable(this.connection);
        this.deadLetters = new DeadLetters(this.connection);
        this.backfills = new Backfills(this.connection);
        this.resyncs = new Resyncs(this.connection);
        this.keys = new RowKeyColumns(this.connection);
        this.searches = new Searches(this.connection);
        this.deferredRows = new DeferredRows(this.connection);
        this.deferredChanges = new DeferredChanges(this.connection);
        this.runs = new RunHistory(this.connection);
    }

    /**
     * Opens the store. Creates it if there is none, and migrates an older one after it has kept a copy of it. To be
     * called by the process that holds the {@code StateDirectory}.
     *
     * @throws Fault with {@link ExitCode#STORE} if it is damaged, of a newer version, or cannot be written; then it is
     *     not changed
     */
    public static StateStore open(Path directory) {
        return open(directory, Migrations.bundled());
    }

    static StateStore open(Path directory, Migrations migrations) {
        Path file = file(directory);
        StoreFile storeFile = new StoreFile(file, migrations);
        StateStore store = new StateStore(file, storeFile.open(), storeFile::closed);
        store.wasClosed = storeFile.wasClosed();
        return store;
    }

    /**
     * Opens the store while another process may hold the {@code StateDirectory} and have the store open. For commands
     * that read it and leave requests in it. It is neither created, checked nor migrated.
     *
     * @throws Fault with {@link ExitCode#USAGE} if there is no store yet, because the configuration then most often names
     *     another directory; with {@link ExitCode#STORE} if it is of another version, or cannot be read
     */
    public static StateStore openShared(Path directory) {
        Path file = file(directory);
        StoreFile storeFile = new StoreFile(file, Migrations.bundled());
        return new StateStore(file, storeFile.openShared(), storeFile::closedShared);
    }

    /**
     * Reads what a store contains, and changes nothing, neither in the store nor in its directory.
     *
     * @param held whether a process holds the directory: then the store is not checked for damage, which reads all of it
     * @return empty if there is no store
     * @throws Fault with {@link ExitCode#STORE} if it is damaged, of a newer version or of another program, or cannot be
     *     read
     */
    public static Optional<StoreContents> inspect(Path directory, boolean held) {
        Path file = file(directory);
        Migrations migrations = Migrations.bundled();
        return new StoreFile(file, migrations).openReadOnly(held).map(connection -> {
            try (StateStore store = new StateStore(file, connection, () -> {})) {
                return store.inspect(store.version(), migrations.latest());
            }
        });
    }

    private int version() {
        return connection.one("PRAGMA user_version", row -> row.getInt(1)).orElseThrow();
    }

    private StoreContents inspect(int version, int newest) {
        return new StoreContents(
                version,
                newest,
                identity(),
                position(),
                version == newest
                        ? new StoreContents.Stream(publication(), gap(), witness())
                        : StoreContents.Stream.UNKNOWN);
    }

    /**
     * Copies a store, which another process may have open, into an empty directory.
     *
     * @return whether it has a position, which it has from the first start on; if not, nothing is copied
     * @throws Fault as {@link #openShared}
     */
    public static boolean copy(Path directory, Path into) {
        try (StateStore store = openShared(directory)) {
            boolean begun = store.position().isPresent();
            if (begun) {
                StoreConnection from = store.connection;
                from.read(
                        () -> from.statements().run("VACUUM INTO ?", file(into).toString()));
            }
            return begun;
        }
    }

    /** Whether the directory has a store, or may have one that this process is not permitted to see. */
    public static boolean isAt(Path directory) {
        return !Files.notExists(file(directory));
    }

    private static Path file(Path directory) {
        return directory.resolve("state.db");
    }

    /** Empty until {@link #adopt}. */
    public Optional<Identity> identity() {
        return identity.read();
    }

    /**
     * Assigns the store to a source and a destination, which happens once, and sets where the stream begins.
     *
     * @param publication the publication that the stream comes through, for {@link #publication()}
     */
    public void adopt(Identity given, String publication, Lsn position) {
        identity.adopt(given, publication, position);
    }

    /** The publication that the stream has come through; empty before {@link #adopt}, and if an older version wrote it. */
    public Optional<String> publication() {
        return identity.text("publication");
    }

    /** Stores the version of the publication that the stream comes through. */
    public void publication(String instance) {
        identity.set("publication", instance);
    }

    /** The traits that are mapped because the configuration names none; empty before they are set. */
    public Optional<List<String>> defaultTraits() {
        return identity.text("default_traits").map(names -> Stream.of(names.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .toList());
    }

    /** @param names without blanks */
    public void defaultTraits(List<String> names) {
        identity.set("default_traits", String.join(" ", names));
    }

    /** A gap, which remains until a resync, because the server may not show it later; empty if there is none. */
    public Optional<String> gap() {
        return identity.text("gap");
    }

    public void gap(String gap) {
        identity.set("gap", gap);
    }

    /** The last heartbeat that has arrived; empty if none has since the first start or the last resync. */
    public Optional<StateUpdate.HeartbeatSeen> witness() {
        return identity.witness();
    }

    /** Where the stream resumes: everything before it is settled. Empty until {@link #adopt}. */
    public Optional<Lsn> position() {
        return identity.position();
    }

    /** The last budget that the API reported; empty if it has reported none. */
    public Optional<StateUpdate.Budget> allowance() {
        return connection.one(
                "SELECT requests, window_seconds FROM allowance",
                row -> new StateUpdate.Budget(row.getLong(1), Duration.ofSeconds(row.getLong(2))));
    }

    /** The rows and dead letters that wait to be read and sent. */
    public PendingWork pending() {
        return connection.read(() -> PendingWork.of(
                deferredRows.summary().with(deferredChanges.summary()).with(searches.summary()),
                deadLetters.openRetries()));
    }

    public DeadLetters deadLetters() {
        return deadLetters;
    }

    public Backfills backfills() {
        return backfills;
    }

    public Resyncs resyncs() {
        return resyncs;
    }

    public RowKeyColumns keys() {
        return keys;
    }

    public Searches searches() {
        return searches;
    }

    public DeferredRows deferredRows() {
        return deferredRows;
    }

    public DeferredChanges deferredChanges() {
        return deferredChanges;
    }

    public RunHistory runs() {
        return runs;
    }

    /**
     * Applies all of the updates, in order, or none.
     *
     * @throws IllegalStateException if the position would move backwards, or a backfill does not exist
     */
    public void apply(List<StateUpdate> updates) {
        connection.change(() -> new UpdateTransaction(connection.statements(), letterLog).apply(updates));
        letterLog.committed();
    }

    /**
     * As {@link #apply}, but does not wait for the disk. Killing the process undoes nothing. A loss of power may undo the
     * newest of these transactions, back to the last one that has reached the disk. The caller decides whether that is
     * harmless.
     */
    void applyUnforced(List<StateUpdate> updates) {
        if (!updates.isEmpty()) {
            connection.changeUnforced(() -> new UpdateTransaction(connection.statements(), letterLog).apply(updates));
            letterLog.committed();
        }
    }

    public DeliveredPersons persons() {
        return new DeliveredPersons(file, connection);
    }

    /** Whether it was closed before it was opened: if so, a loss of power has undone nothing. */
    public boolean wasClosed() {
        return wasClosed;
    }

    @Override
    public void close() {
        letterLog.flush();
        connection.close();
        afterClose.run();
    }
}
