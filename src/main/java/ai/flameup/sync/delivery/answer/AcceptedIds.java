package ai.flameup.sync.delivery.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The persons that the answer of a batch names: each {@code external_id} (or {@code userId}) in
 * {@code {"people": [{...}, ...]}} without an {@code error} and without {@code "success": false}. Parsed while it arrives,
 * because the answer contains all data of the persons, and only their ids are kept.
 */
public final class AcceptedIds {
    /** More than a batch has; bounds the memory for an endless answer. */
    private static final int MAX_IDS = 1_000;

    private static final int MEMBERS = 1;
    private static final int ELEMENTS = 2;
    private static final int PERSON = 3;

    static final String NAMES_NO_PERSON = "names no person";

    private final JsonShortener shortener = new JsonShortener();
    private final Set<String> ids = new HashSet<>();
    private final JsonParser parser;
    private final ByteArrayFeeder feeder;
    private byte[] input = new byte[8192];

    private boolean empty = true;
    private boolean broken;
    /** Whether the answer names any person, accepted or not. */
    private boolean named;

    private int depth;
    private String name = "";
    private boolean inPeople;
    private boolean inPerson;
    private @Nullable String id;
    private boolean failed;
    private boolean declaredFailed;

    public AcceptedIds() {
        try {
            parser = Json.FACTORY.createNonBlockingByteArrayParser();
            feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail", e);
        }
    }

    /** Parses the next bytes of the answer. After the first syntax error, all others are ignored. */
    public void read(ByteBuffer data) {
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
                endPerson();
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

    /** A person with an error, or without success, was not accepted, whatever the status of the answer. */
    private void endPerson() {
        named |= id != null;
        if (id != null && !failed) {
            ids.add(id);
        }
        id = null;
        failed = false;
    }

    /** The vendor's documentation shows persons in two forms. */
    private boolean isIdName() {
        return name.equals("external_id") || (id == null && name.equals("userId"));
    }

    private boolean isId(JsonToken token) {
        return (token == JsonToken.VALUE_STRING || token.isNumeric()) && ids.size() < MAX_IDS;
    }

    /** Whether the answer as a whole declares a failure, as {@link DeclaredFailure}. */
    boolean isDeclaredFailed() {
        return declaredFailed;
    }

    /** Why no person is named, as the end of a sentence about the answer; null if one is. */
    @Nullable
    String problem() {
        if (named) {
            return null;
        }
        return empty ? "is empty" : broken ? "is not JSON" : NAMES_NO_PERSON;
    }

    /** The accepted persons so far. */
    public Set<String> ids() {
        if (depth >= PERSON && inPerson) {
            // The rest of this person was not read.
            endPerson();
        }
        return Set.copyOf(ids);
    }
}
