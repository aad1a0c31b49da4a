package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the persons of a body without making a tree of it; all of it is read, and has to be JSON. Pure functions. */
final class BodyReader {
    private BodyReader() {}

    /** The body's person, or null where the body is no JSON object. */
    static @Nullable SentPerson person(JsonSlice body) {
        try (JsonParser parser = strict(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            SentPerson person = person(parser, body);
            return parser.nextToken() == null ? person : null;
        } catch (IOException notJson) {
            return null;
        }
    }

    /** The body's list of people, whatever its length, or null where there is none. */
    static @Nullable List<SentPerson> people(JsonSlice body) {
        try (JsonParser parser = strict(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            List<SentPerson> people = null;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() == JsonToken.START_ARRAY && name.equals("people")) {
                    people = list(parser, body);
                } else {
                    parser.skipChildren();
                }
            }
            return parser.nextToken() == null ? people : null;
        } catch (IOException notJson) {
            return null;
        }
    }

    private static JsonParser strict(JsonSlice body) throws IOException {
        return Json.parser(body).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    }

    private static List<SentPerson> list(JsonParser parser, JsonSlice body) throws IOException {
        List<SentPerson> people = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            people.add(person(parser, body));
        }
        return people;
    }

    /** From the parser's token to its end; something that is no object is a person without a user id. */
    private static SentPerson person(JsonParser parser, JsonSlice body) throws IOException {
        int begin = Json.begin(parser);
        String userId = "";
        JsonToken emailKind = JsonToken.VALUE_NULL;
        String email = null;
        JsonToken traitsKind = JsonToken.VALUE_NULL;
        SentTraits traits = null;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken kind = parser.nextToken();
                switch (name) {
                    case "userId" -> userId = kind == JsonToken.VALUE_STRING ? parser.getText() : "";
                    case "email" -> {
                        emailKind = kind;
                        email = kind == JsonToken.VALUE_STRING ? parser.getText() : null;
                    }
                    case "traits" -> {
                        traitsKind = kind;
                        traits = kind == JsonToken.START_OBJECT ? traits(parser, body) : null;
                    }
                    default -> {}
                }
                parser.skipChildren();
            }
        }
        int end = Json.end(parser);
        return new SentPerson(userId, emailKind, email, traitsKind, traits, body.part(begin, end));
    }

    private static SentTraits traits(JsonParser parser, JsonSlice body) throws IOException {
        int begin = Json.begin(parser);
        List<String> names = new ArrayList<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            names.add(name);
            parser.nextToken();
            parser.skipChildren();
        }
        return new SentTraits(body.part(begin, Json.end(parser)), names);
    }
}
