package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.JsonNode;
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
 * The persons that the stand-in stores, in memory. An upsert matches a person by external id, else by email without
 * regard to case, and sets the external id of the person that it matches. Several persons can end up with the same
 * email; an email then matches the person that has had it longest. Thread-safe.
 */
public final class People {
    /** What an upsert did. */
    record Upserted(StoredPerson person, boolean created) {}

    /** By id, in the order of creation. */
    private final Map<String, StoredPerson> persons = new LinkedHashMap<>();

    private final Map<String, String> idByExternalId = new HashMap<>();
    /** By email in lower case; the person that has had it longest comes first. */
    private final Map<String, List<String>> idsByEmail = new HashMap<>();

    /**
     * Applies these persons in their order, as one step.
     *
     * @param sent each without a {@linkplain PersonRules#problem problem}
     */
    synchronized List<Upserted> upsert(List<JsonNode> sent) {
        return sent.stream().map(this::upsert).toList();
    }

    private Upserted upsert(JsonNode sent) {
        String externalId = sent.path("userId").asText();
        String email = sent.path("email").asText("");
        StoredPerson before = find(externalId, email);
        if (before == null) {
            String id = new UUID(0x4000L, Long.MIN_VALUE | persons.size()).toString();
            StoredPerson created =
                    new StoredPerson(id, externalId, null, merged(Collections.emptyMap(), sent.path("traits")));
            return new Upserted(store(created, email), true);
        }
        idByExternalId.remove(before.externalId());
        StoredPerson changed =
                new StoredPerson(before.id(), externalId, before.email(), merged(before.traits(), sent.path("traits")));
        return new Upserted(store(changed, email), false);
    }

    private @Nullable StoredPerson find(String externalId, String email) {
        String id = idByExternalId.get(externalId);
        if (id == null && !email.isBlank()) {
            List<String> holders = idsByEmail.get(folded(email));
            id = holders == null ? null : holders.get(0);
        }
        return id == null ? null : persons.get(id);
    }

    private static Map<String, JsonNode> merged(Map<String, JsonNode> before, JsonNode sent) {
        if (sent.isEmpty()) {
            return before;
        }
        Map<String, JsonNode> merged = new LinkedHashMap<>(before);
        sent.properties().forEach(trait -> merged.put(trait.getKey(), trait.getValue()));
        return Collections.unmodifiableMap(merged);
    }

    /** @param email the new one; if it is blank, the person keeps the one it has */
    private StoredPerson store(StoredPerson person, String email) {
        StoredPerson stored = person;
        if (!email.isBlank()) {
            move(person, email);
            stored = new StoredPerson(person.id(), person.externalId(), email, person.traits());
        }
        persons.put(stored.id(), stored);
        idByExternalId.put(stored.externalId(), stored.id());
        return stored;
    }

    private void move(StoredPerson person, String email) {
        String from = person.email() == null ? null : folded(person.email());
        String to = folded(email);
        if (to.equals(from)) {
            return;
        }
        if (from != null) {
            idsByEmail.computeIfPresent(from, (address, holders) -> {
                holders.remove(person.id());
                return holders.isEmpty() ? null : holders;
            });
        }
        idsByEmail.computeIfAbsent(to, address -> new ArrayList<>(1)).add(person.id());
    }

    /** Returns the persons with this external id and this email, without regard to case. A null matches every person. */
    synchronized List<StoredPerson> search(@Nullable String externalId, @Nullable String email) {
        return persons.values().stream()
                .filter(person -> externalId == null || externalId.equals(person.externalId()))
                .filter(person -> email == null || email.equalsIgnoreCase(person.email()))
                .toList();
    }

    /** Returns the persons after the first {@code offset}, at most {@code limit}, in the order of creation. */
    synchronized List<StoredPerson> page(long offset, long limit) {
        return persons.values().stream().skip(offset).limit(limit).toList();
    }

    /** Returns every person as it is now, in the order of creation. */
    public synchronized List<StoredPerson> all() {
        return List.copyOf(persons.values());
    }

    /** Returns the number of persons; cheap. */
    public synchronized int count() {
        return persons.size();
    }

    private static String folded(String email) {
        return email.toLowerCase(Locale.ROOT);
    }
}
