package ai.flameup.sync.source.type;

import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Converts the literals that Postgres prints for arrays and hstore into JSON: {@code {1,NULL,"a b"}}, {@code "a"=>"1"}. The
 * grammar is in the PostgreSQL documentation, sections 8.15.6 (arrays) and F.18 (hstore). One instance for each literal.
 */
final class LiteralText {
    /** How to convert the elements of an array. */
    interface Element {
        /** Returns the canonical text of what Postgres prints. */
        String ofText(String text);

        JsonKind kind();

        /** Returns the character between two elements. */
        char delimiter();
    }

    private final String literal;
    private final JsonText json;
    private int at;

    private LiteralText(String literal) {
        this.literal = literal;
        this.json = new JsonText(literal.length() + 16);
    }

    /** Returns a JSON array, nested for several dimensions. Lower bounds are dropped. */
    static String array(String literal, Element element) {
        LiteralText text = new LiteralText(literal);
        // Skips the bounds, which Postgres prints if one of them is not 1: [0:1]={...}
        text.at = literal.indexOf('{');
        text.array(element);
        return text.toString();
    }

    /** Returns a JSON object of strings and nulls, in Postgres's order. */
    static String hstore(String literal) {
        LiteralText text = new LiteralText(literal);
        text.hstore();
        return text.toString();
    }

    private void array(Element element) {
        json.raw('[');
        at++;
        while (literal.charAt(at) != '}') {
            char next = literal.charAt(at);
            if (next == element.delimiter()) {
                json.raw(',');
                at++;
            } else if (next == '{') {
                array(element);
            } else if (next == '"') {
                value(element, quoted());
            } else {
                String bare = bare(element.delimiter());
                if (bare.toUpperCase(Locale.ROOT).equals("NULL")) {
                    ascii("null");
                } else {
                    value(element, bare);
                }
            }
        }
        at++;
        json.raw(']');
    }

    private void value(Element element, String text) {
        String canonical = element.ofText(text);
        JsonKind kind = element.kind();
        if (kind.isRaw(canonical)) {
            json.raw(canonical.getBytes(StandardCharsets.UTF_8));
        } else {
            json.string(canonical);
        }
    }

    private void hstore() {
        json.raw('{');
        while (at < literal.length()) {
            if (at > 0) {
                at += ", ".length();
                json.raw(',');
            }
            json.string(quoted()).raw(':');
            at += "=>".length();
            if (literal.charAt(at) == '"') {
                json.string(quoted());
            } else {
                bare(',');
                ascii("null");
            }
        }
        json.raw('}');
    }

    /** Reads up to the closing quote. A backslash escapes the next character. */
    private String quoted() {
        StringBuilder text = new StringBuilder();
        at++;
        while (literal.charAt(at) != '"') {
            if (literal.charAt(at) == '\\') {
                at++;
            }
            text.append(literal.charAt(at++));
        }
        at++;
        return text.toString();
    }

    private String bare(char delimiter) {
        int from = at;
        while (at < literal.length() && literal.charAt(at) != delimiter && literal.charAt(at) != '}') {
            at++;
        }
        return literal.substring(from, at);
    }

    private void ascii(String text) {
        json.raw(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String toString() {
        return new String(json.toBytes(), StandardCharsets.UTF_8);
    }
}
