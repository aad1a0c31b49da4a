package ai.flameup.sync.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.text.StringSubstitutor;
import org.apache.commons.text.matcher.StringMatcher;
import org.apache.commons.text.matcher.StringMatcherFactory;
import org.jspecify.annotations.Nullable;

/**
 * Replaces <code>${NAME}</code>, <code>${NAME:default}</code> and <code>${NAME:-default}</code> by environment
 * variables. The file is parsed before, so that no value can change its structure.
 */
final class Placeholders {
    private static final StringMatcher DEFAULT = new EitherMatcher(
            StringMatcherFactory.INSTANCE.stringMatcher(":-"), StringMatcherFactory.INSTANCE.stringMatcher(":"));

    private static final Pattern UNCLOSED = Pattern.compile("(?<!\\$)\\$\\{[^}]*$");

    private final Map<String, String> variables;
    private final Problems problems;

    Placeholders(Map<String, String> variables, Problems problems) {
        this.variables = variables;
        this.problems = problems;
    }

    JsonNode fill(String key, JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.fieldNames()
                    .forEachRemaining(
                            name -> object.set(name, fill(key.isEmpty() ? name : key + "." + name, object.get(name))));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, fill(key, array.get(i)));
            }
        } else if (node.isTextual() && node.textValue().contains("$")) {
            return TextNode.valueOf(fill(key, node.textValue()));
        }
        return node;
    }

    private String fill(String key, String text) {
        StringSubstitutor substitutor = new StringSubstitutor(name -> variable(key, name));
        substitutor.setValueDelimiterMatcher(DEFAULT);
        substitutor.setDisableSubstitutionInValues(true);
        substitutor.setEnableUndefinedVariableException(true);
        try {
            // The library ignores a placeholder that is never closed, and does not unescape it either.
            int closed = text.lastIndexOf('}') + 1;
            String filled = substitutor.replace(text.substring(0, closed))
                    + text.substring(closed).replace("$${", "${");
            if (UNCLOSED.matcher(text).find()) {
                problems.add(key, "contains ${ without a closing }. Write $${ for a literal ${");
            }
            return filled;
        } catch (IllegalArgumentException undefined) {
            problems.add(key, "refers to a variable that is not set: " + text.replaceAll(":[^}]*", ""));
            return "";
        }
    }

    private @Nullable String variable(String key, String name) {
        String value = variables.get(name);
        if (value != null && NativeText.isDamaged(value)) {
            problems.add(key, "refers to the variable " + name + ", which " + NativeText.problem());
        }
        return value;
    }

    private record EitherMatcher(StringMatcher first, StringMatcher second) implements StringMatcher {
        @Override
        public int isMatch(char[] buffer, int start, int bufferStart, int bufferEnd) {
            int matched = first.isMatch(buffer, start, bufferStart, bufferEnd);
            return matched > 0 ? matched : second.isMatch(buffer, start, bufferStart, bufferEnd);
        }

        @Override
        public int isMatch(CharSequence buffer, int start, int bufferStart, int bufferEnd) {
            int matched = first.isMatch(buffer, start, bufferStart, bufferEnd);
            return matched > 0 ? matched : second.isMatch(buffer, start, bufferStart, bufferEnd);
        }
    }
}
