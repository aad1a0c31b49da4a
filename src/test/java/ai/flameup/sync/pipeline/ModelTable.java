package ai.flameup.sync.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table of users with unique addresses, and the stream of its transactions. A transaction may be in the stream before
 * readers see it, as one that waits for a synchronous standby is; until then it holds the locks of its rows and addresses.
 */
final class ModelTable {
    private static final int USERS = 20;
    private static final int ADDRESSES = 44;

    /**
     * A row.
     *
     * @param email null where there is none
     * @param n its version, larger with each change of any row
     * @param big a trait that a change may not carry
     */
    record Row(int id, @Nullable String email, int n, int big) {}

    /**
     * A change.
     *
     * @param row null for a delete
     * @param whole false if {@code big} has not changed and is not carried
     * @param moved whether the address is another than before
     * @param version of the row, or of the one that is deleted
     * @param first whether no change of its transaction before it has the same row
     */
    record Change(
            int id, @Nullable Row row, boolean whole, boolean insert, boolean moved, int version, boolean first) {}

    /**
     * A transaction of the application, of a marker or of a heartbeat.
     *
     * @param marker null for none
     * @param heartbeat the snapshot that it was written with; null for none
     */
    record Transaction(
            int id,
            List<Change> changes,
            @Nullable String marker,
            @Nullable String heartbeat) {}

    /** The newest states, whether readers see them or not. */
    final TreeMap<Integer, Row> rows = new TreeMap<>();

    private final TreeMap<Integer, Row> visible = new TreeMap<>();
    private final TreeMap<Integer, Transaction> invisible = new TreeMap<>();
    private final Set<Integer> lockedRows = new HashSet<>();
    private final Set<String> lockedAddresses = new HashSet<>();
    private int nextId = 1_000;
    final List<Transaction> log = new ArrayList<>();
    private final Random random;
    /** Whether no address is ever given up without saying so to the API. */
    final boolean gentle;

    private int version;

    /** All changes, in the order of their commits. */
    List<Change> changes() {
        return log.stream()
                .flatMap(transaction -> transaction.changes().stream())
                .toList();
    }

    /**
     * @param gentle addresses are never given up by a delete or a null
     */
    ModelTable(Random random, boolean gentle) {
        this.random = random;
        this.gentle = gentle;
    }

    void mark(String marker) {
        log.add(new Transaction(nextId++, List.of(), marker, null));
    }

    void heartbeat() {
        String snapshot = snapshot();
        log.add(new Transaction(nextId++, List.of(), null, snapshot));
    }

    /** What {@code pg_current_snapshot()} prints. */
    String snapshot() {
        return (invisible.isEmpty() ? nextId : invisible.firstKey()) + ":" + nextId + ":"
                + invisible.keySet().stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** One transaction of the application, which readers see at once. */
    void commit() {
        becomeVisible(commitInvisibly());
    }

    /** One transaction of the application, which is in the stream now and which readers see later. */
    int commitInvisibly() {
        int id = nextId++;
        List<Change> changes = new ArrayList<>();
        int statements = random.nextInt(12) == 0 ? 4 + random.nextInt(20) : 1 + random.nextInt(4);
        for (int i = 0; i < statements; i++) {
            change(changes);
        }
        Transaction transaction = new Transaction(id, changes, null, null);
        if (!changes.isEmpty()) {
            log.add(transaction);
        }
        invisible.put(id, transaction);
        lock(changes);
        return id;
    }

    /** From now on readers see it. */
    void becomeVisible(int id) {
        Transaction transaction = invisible.remove(id);
        if (transaction == null) {
            return;
        }
        for (Change change : transaction.changes) {
            if (change.row == null) {
                visible.remove(change.id);
            } else {
                visible.put(change.id, change.row);
            }
        }
        lockedRows.clear();
        lockedAddresses.clear();
        invisible.values().forEach(other -> lock(other.changes));
    }

    private void lock(List<Change> changes) {
        for (Change change : changes) {
            lockedRows.add(change.id);
            Stream.of(Optional.ofNullable(visible.get(change.id)), Optional.ofNullable(change.row))
                    .flatMap(Optional::stream)
                    .map(Row::email)
                    .filter(Objects::nonNull)
                    .forEach(lockedAddresses::add);
        }
    }

    private void change(List<Change> changes) {
        int id = random.nextInt(USERS);
        if (lockedRows.contains(id)) {
            return;
        }
        Row row = rows.get(id);
        if (row == null) {
            put(changes, id, freeAddress(), true, true);
            return;
        }
        switch (random.nextInt(12)) {
            case 0 -> {
                if (!gentle) {
                    rows.remove(id);
                    changes.add(new Change(id, null, true, false, true, row.n, isFirst(changes, id)));
                }
            }
            case 1 -> put(changes, id, gentle ? row.email : null, true, false);
            case 2, 3 -> put(changes, id, freeAddress(), random.nextBoolean(), false);
            case 4 -> handOn(changes, id);
            case 5 -> swap(changes, id);
            default -> put(changes, id, row.email, random.nextBoolean(), false);
        }
    }

    /** Another takes the address, which is given up in the statement before. */
    private void handOn(List<Change> changes, int id) {
        Row row = rows.get(id);
        int other = random.nextInt(USERS);
        String address = row == null ? null : row.email;
        if (address == null || other == id || lockedRows.contains(other)) {
            return;
        }
        put(changes, id, freeAddress(), true, false);
        put(changes, other, address, true, !rows.containsKey(other));
    }

    /** Two exchange their addresses through a third one. */
    private void swap(List<Change> changes, int id) {
        int other = random.nextInt(USERS);
        Row one = rows.get(id);
        Row two = rows.get(other);
        if (one == null
                || two == null
                || other == id
                || lockedRows.contains(other)
                || one.email == null
                || two.email == null) {
            return;
        }
        put(changes, id, freeAddress(), true, false);
        put(changes, other, one.email, true, false);
        put(changes, id, two.email, true, false);
    }

    /** The value of a trait that has a version: one of two, so that a row often returns to a former state. */
    static int value(int trait) {
        return trait % 2;
    }

    private void put(List<Change> changes, int id, @Nullable String email, boolean whole, boolean insert) {
        version += 2 + random.nextInt(2);
        Row before = rows.get(id);
        int big = whole || before == null ? version : before.big;
        Row row = new Row(id, email, version, big);
        rows.put(id, row);
        boolean moved = before == null || !Objects.equals(before.email, email);
        changes.add(new Change(id, row, whole || insert, insert, moved, version, isFirst(changes, id)));
    }

    private static boolean isFirst(List<Change> changes, int id) {
        return changes.stream().noneMatch(change -> change.id == id);
    }

    private String freeAddress() {
        Set<String> taken = new HashSet<>(lockedAddresses);
        rows.values().forEach(row -> taken.add(row.email));
        List<String> free = new ArrayList<>();
        for (int i = 0; i < ADDRESSES; i++) {
            if (!taken.contains("a" + i)) {
                free.add("a" + i);
            }
        }
        Collections.shuffle(free, random);
        return free.get(0);
    }

    /** The rows whose last change is a delete. */
    Stream<Integer> deletedInTheEnd() {
        Map<Integer, Change> last = new LinkedHashMap<>();
        log.forEach(transaction -> transaction.changes().forEach(change -> last.put(change.id(), change)));
        return last.values().stream().filter(change -> change.row() == null).map(Change::id);
    }

    /** The version of the last delete of the row that the stream has carried up to here; 0 if there is none. */
    int lastDelete(int id, int upTo) {
        return log.subList(0, upTo).stream()
                .flatMap(transaction -> transaction.changes().stream())
                .filter(change -> change.id() == id && change.row() == null)
                .mapToInt(Change::version)
                .max()
                .orElse(0);
    }

    /** Whether some state of the row has had the address. */
    boolean everHad(int id, String address) {
        return log.stream()
                .flatMap(transaction -> transaction.changes().stream())
                .anyMatch(change -> change.id() == id
                        && change.row() != null
                        && address.equals(change.row().email()));
    }

    /** The rows of these ids, as readers see them. */
    Map<Integer, Row> byId(List<Integer> ids) {
        Map<Integer, Row> found = new LinkedHashMap<>(visible);
        found.keySet().retainAll(ids);
        return found;
    }

    /** The rows of ids that are greater, the first of them, as readers see them. */
    Map<Integer, Row> chunk(int after, int most) {
        Map<Integer, Row> chunk = new TreeMap<>();
        for (Row row : visible.tailMap(after, false).values()) {
            if (chunk.size() < most) {
                chunk.put(row.id, row);
            }
        }
        return chunk;
    }
}
