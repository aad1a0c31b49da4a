package ai.flameup.sync.state.ledger;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.state.sqlite.Statements;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Writes ledger entries within a transaction. For its thread. */
public final class LedgerTable {
    static final int MUST_REPEAT = 1;
    static final int HAS_FURTHER_ADDRESSES = 2;
    static final int GENERATION = 4;

    private final Statements statements;

    /**
     * An entry to be written.
     *
     * @param at when it was made
     */
    public record Row(String userId, LedgerEntry entry, Instant at) {}

    public LedgerTable(Statements statements) {
        this.statements = statements;
    }

    /**
     * Writes the rows, of different persons. All in one batch, because a first load has 20,000 a second.
     *
     * @param rows replace what is stored of their persons
     */
    public void write(List<Row> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        int generation = generation();
        List<Row> others = update(rows, generation);
        statements.runForEach(
                "INSERT INTO ledger (user_id, address, resume_at, ordinal, accepted_at, flags, hashes)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET address = excluded.address,"
                        + " accepted_at = iif(resume_at IS excluded.resume_at AND ordinal IS excluded.ordinal, accepted_at,"
                        + " excluded.accepted_at), resume_at = excluded.resume_at, ordinal = excluded.ordinal,"
                        + " flags = excluded.flags, hashes = excluded.hashes",
                others.stream().map(row -> values(row, generation)).toList());
        writeFurtherAddresses(rows);
    }

    /**
     * Updates the entries whose address does not change, as is usual when a state was accepted. A statement that sets the address
     * would write the index of addresses again, whose pages are the most expensive ones because they are hit at random.
     *
     * @return the other rows
     */
    private List<Row> update(List<Row> rows, int generation) throws SQLException {
        List<Row> accepted =
                rows.stream().filter(row -> row.entry().accepted() != null).toList();
        int[] updated = statements.runForEach(
                "UPDATE ledger SET accepted_at = iif(resume_at IS ?3 AND ordinal IS ?4, accepted_at, ?5), resume_at = ?3,"
                        + " ordinal = ?4, flags = ?6, hashes = ?7 WHERE user_id = ?1 AND address IS ?2",
                accepted.stream().map(row -> values(row, generation)).toList());
        List<Row> others = new ArrayList<>(
                rows.stream().filter(row -> row.entry().accepted() == null).toList());
        for (int i = 0; i < updated.length; i++) {
            if (updated[i] == 0) {
                others.add(accepted.get(i));
            }
        }
        return others;
    }

    private static @Nullable Object[] values(Row row, int generation) {
        LedgerEntry entry = row.entry();
        Position accepted = entry.accepted();
        long[] addresses = entry.addresses();
        int flags = GENERATION * generation
                + (entry.mustRepeat() ? MUST_REPEAT : 0)
                + (addresses.length > 1 ? HAS_FURTHER_ADDRESSES : 0);
        return new @Nullable Object[] {
            StoredUserId.of(row.userId()),
            addresses.length == 0 ? null : (Long) addresses[0],
            accepted == null ? null : (Long) accepted.resumeAt().value(),
            accepted == null ? null : (Long) accepted.ordinal(),
            accepted == null ? null : (Long) row.at().getEpochSecond(),
            flags,
            bytes(entry.hashes())
        };
    }

    private static byte @Nullable [] bytes(int[] hashes) {
        if (hashes.length == 0) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * hashes.length);
        bytes.asIntBuffer().put(hashes);
        return bytes.array();
    }

    /** Adds entries of persons of whom only the address is known, unless they have one. */
    public void addHolders(Map<String, String> addresses, ToLongFunction<String> hash) throws SQLException {
        int flags = GENERATION * generation();
        statements.runForEach(
                "INSERT OR IGNORE INTO ledger (user_id, address, flags) VALUES (?, ?, ?)",
                addresses.entrySet().stream()
                        .map(one ->
                                new Object[] {StoredUserId.of(one.getKey()), hash.applyAsLong(one.getValue()), flags})
                        .toList());
    }

    private int generation() throws SQLException {
        return statements
                .one("SELECT ledger_generation FROM identity", row -> row.getInt(1))
                .orElse(0);
    }

    /** Returns how many entries there were: 0 or 1. */
    public int remove(String userId) throws SQLException {
        Object id = StoredUserId.of(userId);
        statements.run("DELETE FROM further_address WHERE user_id = ?", id);
        return statements.run("DELETE FROM ledger WHERE user_id = ?", id);
    }

    /** Only a person on the way from one address to another has more than one. */
    private void writeFurtherAddresses(List<Row> rows) throws SQLException {
        boolean isAnyStored = statements
                .one("SELECT 1 FROM further_address LIMIT 1", row -> true)
                .orElse(false);
        if (isAnyStored) {
            statements.runForEach(
                    "DELETE FROM further_address WHERE user_id = ?",
                    rows.stream()
                            .map(row -> new Object[] {StoredUserId.of(row.userId())})
                            .toList());
        }
        List<Object[]> further = new ArrayList<>(0);
        for (Row row : rows) {
            long[] addresses = row.entry().addresses();
            for (int i = 1; i < addresses.length; i++) {
                further.add(new Object[] {StoredUserId.of(row.userId()), addresses[i]});
            }
        }
        statements.runForEach("INSERT OR IGNORE INTO further_address VALUES (?, ?)", further);
    }
}
