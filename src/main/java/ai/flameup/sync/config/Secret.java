package ai.flameup.sync.config;

import ai.flameup.sync.fault.FileFailure;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A secret, written in the configuration or in a file that can be read again. Thread-safe. */
final class Secret implements Supplier<String> {
    private static final Logger LOG = LoggerFactory.getLogger(Secret.class);

    private final Path file;
    private volatile String value;
    private boolean reported;

    private Secret(Path file, String value) {
        this.file = file;
        this.value = value;
    }

    /**
     * Reads a key, or the key with the suffix {@code -file}. Both together are a problem, and neither if one is
     * required.
     *
     * @param base what a relative path is relative to
     */
    static Secret read(Section section, String key, boolean required, Path base) {
        String plain = section.text(key);
        String file = section.text(key + "-file");
        if (plain != null && file != null) {
            section.problem(key, "and " + section.key(key + "-file") + " are both set. Remove one of them");
        }
        if (file != null) {
            Path path = section.path(key + "-file", file, base);
            try {
                String value = Files.readString(path).strip();
                if (value.isEmpty()) {
                    section.problem(key + "-file", "names an empty file: " + file);
                }
                return new Secret(path, value);
            } catch (CharacterCodingException e) {
                section.problem(key + "-file", "is not UTF-8: " + file);
            } catch (IOException e) {
                section.problem(key + "-file", "%s: %s".formatted(FileFailure.of(e), file));
            }
        } else if (plain == null && required) {
            section.problem(key, "is missing. Set it, or " + section.key(key + "-file"));
        }
        return new Secret(Path.of(""), plain == null ? "" : plain);
    }

    @Override
    public String get() {
        return value;
    }

    /** The value, read again if it is in a file. */
    String latest() {
        reload();
        return value;
    }

    /**
     * Reads the file again, if there is one. The previous value stays if that fails.
     *
     * @return whether the value has changed
     */
    synchronized boolean reload() {
        if (file.toString().isEmpty()) {
            return false;
        }
        try {
            String read = Files.readString(file).strip();
            if (read.isEmpty()) {
                keep("is empty");
            } else {
                reported = false;
                boolean another = !read.equals(value);
                value = read;
                return another;
            }
        } catch (IOException e) {
            keep(FileFailure.of(e));
        }
        return false;
    }

    private void keep(String why) {
        if (!reported) {
            LOG.warn("{} {}. The previous content stays in use until the file can be read", file, why);
        }
        reported = true;
    }
}
