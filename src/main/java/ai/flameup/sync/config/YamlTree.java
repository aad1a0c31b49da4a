package ai.flameup.sync.config;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.FileFailure;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Parses the configuration file. An unquoted scalar keeps its characters, because YAML 1.1 reads {@code 0123456} as an
 * octal number, which would silently name another workspace. For one thread.
 */
final class YamlTree {
    private static final YAMLFactory YAML = new YAMLFactory();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** An unquoted number or boolean with its original characters. */
    record Plain(String text, boolean isNumber) {
        @Override
        public String toString() {
            return text;
        }
    }

    private final Path file;
    private final YAMLParser parser;

    private YamlTree(Path file, YAMLParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * Reads a file. A {@link Plain} scalar becomes a POJO node, whose {@code asText} is its text.
     *
     * @return an object or a null node; a missing node if the file is empty
     * @throws Fault 2 if it cannot be read, or is not a single YAML document of sections with unique keys
     */
    static JsonNode read(Path file) {
        try (YAMLParser parser = YAML.createParser(text(file))) {
            JsonNode tree = new YamlTree(file, parser).document();
            if (!tree.isObject() && !tree.isMissingNode() && !tree.isNull()) {
                throw new Fault(
                        ExitCode.USAGE,
                        "%s: the configuration must begin with sections like `postgres:`".formatted(file));
            }
            return tree;
        } catch (JsonProcessingException e) {
            // Without the library's message: it quotes the file, which may contain a secret.
            throw notOneDocument(file, e.getLocation());
        } catch (CharacterCodingException e) {
            throw new Fault(ExitCode.USAGE, "%s: the file is not UTF-8. Save it as UTF-8".formatted(file));
        } catch (IOException e) {
            throw new Fault(ExitCode.USAGE, "%s: the configuration %s".formatted(file, FileFailure.of(e)));
        }
    }

    /** Without a byte order mark. */
    private static String text(Path file) throws IOException {
        String text = Files.readString(file);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private JsonNode document() throws IOException {
        JsonToken first = parser.nextToken();
        JsonNode tree = first == null ? MissingNode.getInstance() : node(first);
        if (parser.nextToken() != null) {
            throw notOneDocument(file, parser.currentTokenLocation());
        }
        return tree;
    }

    private JsonNode node(JsonToken token) throws IOException {
        if (parser.isCurrentAlias()) {
            // Without the name: it may be a secret that starts with an asterisk.
            throw refused("an alias (*name) is not supported. Quote the value, or write it in full");
        }
        return switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> NODES.pojoNode(new Plain(parser.getText(), true));
            case VALUE_TRUE, VALUE_FALSE -> NODES.pojoNode(new Plain(parser.getText(), false));
            case VALUE_STRING -> NODES.textNode(parser.getText());
            default -> throw refused("a value tagged !!binary is not supported. Write plain text");
        };
    }

    private ObjectNode object() throws IOException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (object.has(key)) {
                throw notOneDocument(file, parser.currentTokenLocation());
            }
            object.set(key, node(parser.nextToken()));
        }
        return object;
    }

    private ArrayNode array() throws IOException {
        ArrayNode array = NODES.arrayNode();
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
            array.add(node(next));
        }
        return array;
    }

    private Fault refused(String why) {
        JsonLocation at = parser.currentTokenLocation();
        return new Fault(ExitCode.USAGE, String.format(Locale.ROOT, "%s: line %d: %s", file, at.getLineNr(), why));
    }

    private static Fault notOneDocument(Path file, JsonLocation at) {
        return new Fault(
                ExitCode.USAGE,
                "%s: not a single YAML document with unique keys%s"
                        .formatted(
                                file,
                                at == null
                                        ? ""
                                        : ": see line %s, column %s".formatted(at.getLineNr(), at.getColumnNr())));
    }
}
