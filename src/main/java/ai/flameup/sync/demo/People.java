package ai.flameup.sync.demo;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The persons that the stand-in holds, by the API's own rule: a person is found by external id, else by email whatever
 * its case, and then takes the external id. Several may come to hold one address; then the one who has held it longest
 * is found. Safe for use by many threads.
 */
final class People {
    /** A person as it was at one moment. */
    record Kept(
            String id,
            @Nullable String externalId,
            @Nullable String email,
            Traits traits) {
        StandIn.Person person() {
            return new StandIn.Person(id, externalId, email, traits.toMap());
        }
    }

    /** What an upsert did, and to whom. */
    record Upserted(Kept person, boolean created) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Entry> byExternalId = new HashMap<>();
    private final Map<String, List<Entry>> byEmail = new HashMap<>();
    private final List<StandIn.Call> history = new ArrayList<>();
    private boolean keepHistory = true;
    private boolean keepTraits = true;
    private @Nullable Consumer<Applied> watcher;
    private Traits lastTraits = Traits.NONE;
    private long applied;

    synchronized void keepHistory(boolean keep) {
        keepHistory = keep;
    }

    synchronized void keepTraits(boolean keep) {
        keepTraits = keep;
    }

    /** Called under the lock, or the order of application would be lost. */
    synchronized void onPerson(@Nullable Consumer<Applied> consumer) {
        watcher = consumer;
    }

    /**
     * Applies one valid person after the other, with none of another request between them.
     *
     * @param batch whether it is that call they came with
     */
    synchronized List<Upserted> upsert(List<SentPerson> persons, Arrival arrival, boolean batch) {
        List<Upserted> result = new ArrayList<>(persons.size());
        for (SentPerson person : persons) {
            result.add(upsert(person));
            tell(person, arrival, batch);
        }
        return result;
    }

    private Upserted upsert(SentPerson person) {
        String userId = person.userId();
        String email = person.address();
        Entry entry = find(userId, email);
        boolean created = entry == null;
        if (entry == null) {
            entry = new Entry(entries.size());
            entries.add(entry);
        }
        identify(entry, userId);
        if (email != null) {
            address(entry, email);
        }
        SentTraits sent = person.traits();
        if (keepTraits && sent != null) {
            entry.traits = entry.traits.merge(sent).sharing(lastTraits);
            lastTraits = entry.traits;
        }
        return new Upserted(entry.kept(), created);
    }

    private void tell(SentPerson person, Arrival arrival, boolean batch) {
        applied++;
        if (keepHistory) {
            history.add(new StandIn.Call(
                    applied,
                    Instant.now(),
                    person.userId(),
                    Json.tree(person.json()),
                    arrival.number(),
                    batch,
                    arrival.nanos()));
        }
        if (watcher != null) {
            watcher.accept(new Applied(applied, person, arrival));
        }
    }

    private @Nullable Entry find(String userId, @Nullable String email) {
        Entry known = byExternalId.get(userId);
        if (known != null || email == null) {
            return known;
        }
        List<Entry> holders = byEmail.get(folded(email));
        return holders == null ? null : holders.get(0);
    }

    private void identify(Entry entry, String userId) {
        if (!userId.equals(entry.externalId)) {
            if (entry.externalId != null) {
                byExternalId.remove(entry.externalId);
            }
            entry.externalId = userId;
            byExternalId.put(userId, entry);
        }
    }

    private void address(Entry entry, String email) {
        String before = entry.email;
        if (email.equals(before)) {
            return;
        }
        entry.email = email;
        if (before != null && folded(before).equals(folded(email))) {
            return;
        }
        if (before != null) {
            byEmail.computeIfPresent(folded(before), (address, holders) -> {
                holders.remove(entry);
                return holders.isEmpty() ? null : holders;
            });
        }
        byEmail.computeIfAbsent(folded(email), address -> new ArrayList<>(1)).add(entry);
    }

    /** The persons with exactly this external id and this address, where given. */
    synchronized List<Kept> search(@Nullable String externalId, @Nullable String email, int limit) {
        List<Entry> found = new ArrayList<>();
        if (externalId != null) {
            Entry entry = byExternalId.get(externalId);
            if (entry != null && (email == null || email.equalsIgnoreCase(entry.email))) {
                found.add(entry);
            }
        } else if (email != null) {
            found.addAll(byEmail.getOrDefault(folded(email), List.of()));
        }
        return found.stream().limit(limit).map(Entry::kept).toList();
    }

    /**
     * A page of the persons, in the order in which they were created.
     *
     * @param part of an external id or an address, whatever its case, or null for all
     */
    synchronized List<Kept> page(int offset, int limit, @Nullable String part) {
        String wanted = part == null ? "" : folded(part);
        Stream<Entry> matching = wanted.isEmpty()
                ? entries.subList(Math.min(offset, entries.size()), entries.size()).stream()
                : entries.stream().filter(entry -> entry.holds(wanted)).skip(offset);
        return matching.limit(limit).map(Entry::kept).toList();
    }

    synchronized List<Kept> all() {
        return entries.stream().map(Entry::kept).toList();
    }

    synchronized int count() {
        return entries.size();
    }

    synchronized List<StandIn.Call> history() {
        return List.copyOf(history);
    }

    private static String folded(String email) {
        return email.toLowerCase(Locale.ROOT);
    }

    /** Guarded by the lock of the people that it belongs to. */
    private static final class Entry {
        private final int number;
        private Traits traits = Traits.NONE;
        private @Nullable String externalId;
        private @Nullable String email;

        Entry(int number) {
            this.number = number;
        }

        boolean holds(String part) {
            return (externalId != null && folded(externalId).contains(part))
                    || (email != null && folded(email).contains(part));
        }

        Kept kept() {
            String id = new UUID(0x4000L, Long.MIN_VALUE | number).toString();
            return new Kept(id, externalId, email, traits);
        }
    }
}
