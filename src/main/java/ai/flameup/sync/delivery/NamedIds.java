package ai.flameup.sync.delivery;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The persons that a batch's answer names: each {@code external_id} (or {@code userId}) in {@code {"people": [{...}, ...]}} that
 * comes without an {@code error} and is not marked {@code "success": false}. Read as it
 * comes in, because persons come back with all that they have, and what is kept is their ids alone.
 */
final class NamedIds {
    /** More than a batch has, and a bound for an answer that goes on and on. */
    private static final int MOST_IDS = 1_000;

    private static final int MEMBERS = 1;
    private static final int ELEMENTS = 2;
    private static final int PERSON = 3;

    static final String NAMES_NOBODY = "names no person";

    private final JsonShortener shortener = new JsonShortener();
    private final Set<String> ids = new HashSet<>();
    private final JsonParser parser;
    private final ByteArrayFeeder feeder;
    private byte[] input = new byte[8192];

    private boolean empty = true;
    private boolean broken;
    /** Whether a person was named, accepted or not. */
    private boolean named;

    private int depth;
    private String name = "";
    private boolean inPeople;
    private boolean inPerson;
    private @Nullable String id;
    private boolean failed;
    private boolean declaredFailed;

    NamedIds() {
        try {
            parser = Json.FACTORY.createNonBlockingByteArrayParser();
            feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail", e);
        }
    }

    /** Takes the next bytes of the answer; once it has turned out to be no JSON, all more are ignored. */
    void read(ByteBuffer data) {
        empty &= !data.hasRemaining();
        if (broken) {
            return;
        }
        if (input.length < data.remaining()) {
            input = new byte[data.remaining()];
        }
        try {
            feeder.feedInput(input, 0, shortener.shorten(data, input));
            for (JsonToken token = parser.nextToken();
                    token != null && token != JsonToken.NOT_AVAILABLE;
                    token = parser.nextToken()) {
                read(token);
            }
        } catch (IOException notJson) {
            broken = true;
        }
    }

    private void read(JsonToken token) throws IOException {
        if (token.isStructStart()) {
            depth++;
            if (depth == ELEMENTS) {
                inPeople = token == JsonToken.START_ARRAY && name.equals("people");
            } else if (depth == PERSON) {
                inPerson = inPeople && token == JsonToken.START_OBJECT;
                name = "";
            }
        } else if (token.isStructEnd()) {
            if (depth == PERSON && inPerson) {
                personEnds();
            }
            depth--;
        } else if (token == JsonToken.FIELD_NAME) {
            if (depth == MEMBERS || depth == PERSON) {
                name = parser.currentName();
            }
        } else if (depth == PERSON && inPerson && isIdName() && isId(token)) {
            id = parser.getText();
        } else if (token == JsonToken.VALUE_FALSE && name.equals(DeclaredFailure.MEMBER)) {
            failed |= depth == PERSON && inPerson;
            declaredFailed |= depth == MEMBERS;
        }
        if (depth >= PERSON && inPerson && name.equals("error") && token != JsonToken.VALUE_NULL) {
            failed |= token != JsonToken.FIELD_NAME;
        }
    }

    /** One that comes with an error, or without success, was not accepted, whatever the status of the whole says. */
    private void personEnds() {
        named |= id != null;
        if (id != null && !failed) {
            ids.add(id);
        }
        id = null;
        failed = false;
    }

    /** The vendor's documents show persons in two forms. */
    private boolean isIdName() {
        return name.equals("external_id") || (id == null && name.equals("userId"));
    }

    private boolean isId(JsonToken token) {
        return (token == JsonToken.VALUE_STRING || token.isNumeric()) && ids.size() < MOST_IDS;
    }

    /** Whether the answer as a whole says that it failed, as {@link DeclaredFailure}. */
    boolean isDeclaredFailed() {
        return declaredFailed;
    }

    /** Why nobody is named, as the end of a sentence about the answer; null if somebody is. */
    @Nullable
    String problem() {
        if (named) {
            return null;
        }
        return empty ? "is empty" : broken ? "is not JSON" : NAMES_NOBODY;
    }

    /** Those seen so far. */
    Set<String> ids() {
        if (depth >= PERSON && inPerson) {
            // What is not read any more is the rest of what the person has.
            personEnds();
        }
        return Set.copyOf(ids);
    }
}
