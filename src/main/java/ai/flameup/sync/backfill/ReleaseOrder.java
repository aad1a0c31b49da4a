package ai.flameup.sync.backfill;

import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.mapping.MappedRow;
import ai.flameup.sync.pipeline.Ledger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The order in which rows are sent so that each address is released before another person takes it: rows are read in the order
 * of their keys, which says nothing about that. If addresses are exchanged in a circle, no order is right. For one thread.
 */
public final class ReleaseOrder {
    private final Ledger ledger;

    public ReleaseOrder(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Returns the users who hold addresses of these rows by the ledger, and of whom no row is among them. */
    public Set<String> holdersBeyond(List<MappedRow> rows) {
        Set<String> holders = new LinkedHashSet<>();
        for (MappedRow row : rows) {
            holders.addAll(holders(row));
        }
        rows.forEach(row -> holders.remove(userId(row)));
        return holders;
    }

    /** Returns the same rows: each row after that of the person who holds its address by the ledger. */
    public List<MappedRow> of(List<MappedRow> page) {
        Map<String, MappedRow> persons = new HashMap<>();
        for (MappedRow row : page) {
            String userId = userId(row);
            if (userId != null) {
                persons.put(userId, row);
            }
        }
        Map<MappedRow, List<MappedRow>> holdersOf = new HashMap<>();
        ledger.inOneSnapshot(() -> page.forEach(row -> {
            List<MappedRow> others = holdersOf(row, persons);
            if (!others.isEmpty()) {
                holdersOf.put(row, others);
            }
        }));
        if (holdersOf.isEmpty()) {
            return page;
        }
        Set<MappedRow> ordered = new LinkedHashSet<>();
        for (MappedRow row : page) {
            addAfterHolders(row, holdersOf, ordered);
        }
        return new ArrayList<>(ordered);
    }

    private List<MappedRow> holdersOf(MappedRow row, Map<String, MappedRow> persons) {
        return holders(row).stream()
                .map(persons::get)
                .filter(other -> other != null && !other.equals(row))
                .toList();
    }

    /**
     * Returns of each row the others with whom it was read: those who hold its address by the ledger, and those whose rows have
     * the same address.
     *
     * @param rows of one snapshot
     * @param users whose rows are among them, or who have no row in the snapshot
     */
    public Map<MappedRow, Set<String>> readWith(List<MappedRow> rows, Set<String> users) {
        Map<String, Set<String>> byEmail = new HashMap<>();
        for (MappedRow row : rows) {
            if (row.mapped() instanceof Mapped.Upsert upsert && upsert.person().email() != null) {
                byEmail.computeIfAbsent(upsert.person().email(), email -> new HashSet<>(holders(row)))
                        .add(upsert.person().userId());
            }
        }
        Map<MappedRow, Set<String>> readWith = new HashMap<>();
        for (MappedRow row : rows) {
            if (row.mapped() instanceof Mapped.Upsert upsert) {
                Set<String> others =
                        new HashSet<>(byEmail.getOrDefault(upsert.person().email(), Set.of()));
                others.retainAll(users);
                others.remove(upsert.person().userId());
                readWith.put(row, others);
            }
        }
        return readWith;
    }

    /** Returns the users who hold the address of the row by the ledger. */
    private List<String> holders(MappedRow row) {
        String email =
                row.mapped() instanceof Mapped.Upsert upsert ? upsert.person().email() : null;
        return email == null ? List.of() : ledger.claimants(ledger.hash(email));
    }

    /**
     * Adds the holders of the row's address first, and before them the holders of their new addresses, and so on. Iterates, because
     * thousands may take each other's addresses.
     */
    private static void addAfterHolders(
            MappedRow row, Map<MappedRow, List<MappedRow>> holdersOf, Set<MappedRow> ordered) {
        Set<MappedRow> begun = new HashSet<>();
        Deque<MappedRow> open = new ArrayDeque<>(List.of(row));
        while (!open.isEmpty()) {
            MappedRow next = open.element();
            if (begun.add(next)) {
                holdersOf.getOrDefault(next, List.of()).stream()
                        .filter(holder -> !ordered.contains(holder) && !begun.contains(holder))
                        .forEach(open::push);
            } else {
                ordered.add(open.remove());
            }
        }
    }

    private static @Nullable String userId(MappedRow row) {
        return row.mapped() instanceof Mapped.Upsert upsert ? upsert.person().userId() : null;
    }
}
