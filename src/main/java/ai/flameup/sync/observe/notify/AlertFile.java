package ai.flameup.sync.observe.notify;

import ai.flameup.sync.observe.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the reported level of each condition for the next process. A failure to read or write is logged, and may cause a
 * repeated notification. For one thread at a time.
 */
final class AlertFile {
    private static final Logger LOG = LoggerFactory.getLogger(AlertFile.class);
    private static final String LEVEL = "\\d{1,9}";

    private final Path file;

    AlertFile(Path file) {
        this.file = file;
    }

    Map<AlertCondition, Long> read() {
        Properties lines = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            lines.load(reader);
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("Cannot read {} ({}). Notifications may be repeated", file, String.valueOf(e));
        }
        Map<AlertCondition, Long> reported = new EnumMap<>(AlertCondition.class);
        for (AlertCondition condition : AlertCondition.values()) {
            String level = lines.getProperty(condition.name(), "");
            if (level.matches(LEVEL)) {
                reported.put(condition, Long.valueOf(level));
            }
        }
        return reported;
    }

    void write(Map<AlertCondition, Long> reported) {
        String lines = reported.entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue() + "\n")
                .collect(Collectors.joining());
        try {
            WholeFile.write(file, lines.getBytes(StandardCharsets.UTF_8), "rw-------");
        } catch (IOException e) {
            LOG.warn("Cannot write {} ({}). Notifications may be repeated", file, String.valueOf(e));
        }
    }
}
