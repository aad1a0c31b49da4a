package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The persons that the stand-in holds, by the API's own rule: a person is found by external id, else by email whatever
 * its case, and then takes the external id. Several may come to hold one address; then the one who has held it longest
 * is found. Safe for use by many threads.
 */
final class People {
    /** What an upsert did, and to whom. */
    record Upserted(StandIn.Person person, boolean created) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Entry> byExternalId = new HashMap<>();
    private final Map<String, List<Entry>> byEmail = new HashMap<>();
    private final List<StandIn.Call> history = new ArrayList<>();
    private boolean keepHistory = true;
    private long applied;

    synchronized void keepHistory(boolean keep) {
        keepHistory = keep;
    }

    /** Applies one person after the other, with none of another request between them. */
    synchronized List<Upserted> upsert(List<JsonNode> persons) {
        List<Upserted> result = new ArrayList<>(persons.size());
        for (JsonNode person : persons) {
            result.add(upsert(person));
        }
        return result;
    }

    private Upserted upsert(JsonNode person) {
        String userId = person.path("userId").textValue();
        String email = PersonRules.email(person);
        Entry entry = find(userId, email);
        boolean created = entry == null;
        if (entry == null) {
            entry = new Entry(new UUID(0x4000L, Long.MIN_VALUE | entries.size()).toString());
            entries.add(entry);
        }
        identify(entry, userId);
        if (email != null) {
            address(entry, email);
        }
        entry.merge(person.path("traits"));
        applied++;
        if (keepHistory) {
            history.add(new StandIn.Call(applied, Instant.now(), userId, person));
        }
        return new Upserted(entry.identity(), created);
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
        entry.email = email;
        if (before != null && (before.equals(email) || folded(before).equals(folded(email)))) {
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
    synchronized List<StandIn.Person> search(@Nullable String externalId, @Nullable String email, int limit) {
        List<Entry> found = new ArrayList<>();
        if (externalId != null) {
            Entry entry = byExternalId.get(externalId);
            if (entry != null && (email == null || email.equalsIgnoreCase(entry.email))) {
                found.add(entry);
            }
        } else if (email != null) {
            found.addAll(byEmail.getOrDefault(folded(email), List.of()));
        }
        return found.stream().limit(limit).map(Entry::snapshot).toList();
    }

    synchronized List<StandIn.Person> persons() {
        return entries.stream().map(Entry::snapshot).toList();
    }

    synchronized List<StandIn.Call> history() {
        return List.copyOf(history);
    }

    private static String folded(String email) {
        return email.toLowerCase(Locale.ROOT);
    }

    /** Guarded by the lock of the people that it belongs to. */
    private static final class Entry {
        private final String id;
        private JsonNode traits = MissingNode.getInstance();
        private boolean merged;
        private @Nullable String externalId;
        private @Nullable String email;

        Entry(String id) {
            this.id = id;
        }

        /** The first traits are kept as they were sent, which spares a copy; the history shares them. */
        void merge(JsonNode given) {
            if (traits.isEmpty()) {
                traits = given;
            } else if (!given.isEmpty()) {
                ObjectNode own = merged ? (ObjectNode) traits : JsonNodeFactory.instance.objectNode();
                if (!merged) {
                    own.setAll((ObjectNode) traits);
                }
                own.setAll((ObjectNode) given);
                traits = own;
                merged = true;
            }
        }

        StandIn.Person identity() {
            return new StandIn.Person(id, externalId, email, Map.of());
        }

        StandIn.Person snapshot() {
            Map<String, JsonNode> copy = new LinkedHashMap<>();
            traits.properties().forEach(trait -> copy.put(trait.getKey(), trait.getValue()));
            return new StandIn.Person(id, externalId, email, Collections.unmodifiableMap(copy));
        }
    }
}
