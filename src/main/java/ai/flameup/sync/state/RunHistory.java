package ai.flameup.sync.state;

import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The runs that a {@link StateStore} has seen. Thread-safe; throws what the store throws. */
public final class RunHistory {
    private final StoreConnection connection;

    RunHistory(StoreConnection connection) {
        this.connection = connection;
    }

    /**
     * A run that has ended.
     *
     * @param mode {@code run} or {@code until-caught-up}
     */
    public record EndedRun(String mode, Instant at, int exitCode) {}

    /** The last run that has ended; empty if none has. */
    public Optional<EndedRun> last() {
        return connection.one(
                "SELECT mode, ended_at, exit_code FROM run WHERE exit_code IS NOT NULL ORDER BY id DESC LIMIT 1",
                row -> new EndedRun(row.getString(1), Instant.parse(row.getString(2)), row.getInt(3)));
    }

    /** The mapping of the last run, a key in each line; empty if it is not known. */
    public Optional<List<String>> mapping() {
        return connection.one(
                "SELECT mapping FROM identity WHERE mapping IS NOT NULL",
                row -> row.getString(1).lines().toList());
    }

    public void mapping(List<String> lines) {
        connection.change(
                () -> connection.statements().runForOne("UPDATE identity SET mapping = ?", String.join("\n", lines)));
    }

    /** Adds a run, and returns its id. */
    public long start(String mode, Instant at) {
        return connection.write(() -> connection
                .statements()
                .insert("INSERT INTO run (mode, started_at) VALUES (?, ?)", mode, StoredValues.text(at)));
    }

    public void end(long id, Instant at, int exitCode, long delivered, long parked, long requests) {
        connection.change(() -> connection
                .statements()
                .runForOne(
                        "UPDATE run SET ended_at = ?, exit_code = ?, delivered = ?, parked = ?, requests = ? WHERE id = ?",
                        StoredValues.text(at),
                        exitCode,
                        delivered,
                        parked,
                        requests,
                        id));
    }
}
