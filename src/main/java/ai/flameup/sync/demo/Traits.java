package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A person's traits, kept as the JSON that they were sent in: a tree of nodes takes several times the memory, and a
 * million persons must fit. Immutable.
 */
final class Traits {
    static final Traits NONE = new Traits("{}".getBytes(StandardCharsets.UTF_8), List.of());

    private final byte[] json;
    private final List<String> names;

    private Traits(byte[] json, List<String> names) {
        this.json = json;
        this.names = names;
    }

    /** These, with those that were sent put over them; a trait keeps its place. */
    Traits merge(SentTraits sent) {
        // What is nearly always so, and needs no look at what is held: the same traits again.
        if (sent.names().equals(names)) {
            return new Traits(sent.json().copy(), names);
        }
        if (names.isEmpty()) {
            return new Traits(sent.json().copy(), sent.names());
        }
        Map<String, JsonSlice> members = new LinkedHashMap<>();
        addMembers(JsonSlice.of(json), members);
        addMembers(sent.json(), members);
        return new Traits(object(members), List.copyOf(members.keySet()));
    }

    /** The same with the names of others, where they are equal: a million persons need not hold them a million times. */
    Traits sharing(Traits others) {
        return names != others.names && names.equals(others.names) ? new Traits(json, others.names) : this;
    }

    Map<String, JsonNode> toMap() {
        Map<String, JsonNode> traits = new LinkedHashMap<>();
        Json.tree(JsonSlice.of(json)).properties().forEach(trait -> traits.put(trait.getKey(), trait.getValue()));
        return Collections.unmodifiableMap(traits);
    }

    /** By the name that is meant, however it is escaped; a member's slice holds its name too, as it was sent. */
    private static void addMembers(JsonSlice object, Map<String, JsonSlice> members) {
        try (JsonParser parser = Json.parser(object)) {
            parser.nextToken();
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                int begin = Json.begin(parser);
                parser.nextToken();
                members.put(name, object.part(begin, Json.end(parser)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("these traits were read before", e);
        }
    }

    private static byte[] object(Map<String, JsonSlice> members) {
        ByteArrayOutputStream json = new ByteArrayOutputStream(512);
        char separator = '{';
        for (JsonSlice member : members.values()) {
            json.write(separator);
            json.write(member.bytes(), member.from(), member.length());
            separator = ',';
        }
        json.write('}');
        return json.toByteArray();
    }
}
