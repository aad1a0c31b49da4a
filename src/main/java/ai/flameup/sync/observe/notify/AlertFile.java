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
 * Which level of each matter a person was told last, from one process to the next. Where that cannot be kept it is
 * logged, and something may be told twice. For one thread at a time.
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
            LOG.warn("{} cannot be read ({}): what was told before may be told again", file, String.valueOf(e));
        }
        Map<AlertCondition, Long> told = new EnumMap<>(AlertCondition.class);
        for (AlertCondition matter : AlertCondition.values()) {
            String level = lines.getProperty(matter.name(), "");
            if (level.matches(LEVEL)) {
                told.put(matter, Long.valueOf(level));
            }
        }
        return told;
    }

    void write(Map<AlertCondition, Long> told) {
        String lines = told.entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue() + "\n")
                .collect(Collectors.joining());
        try {
            WholeFile.write(file, lines.getBytes(StandardCharsets.UTF_8), "rw-------");
        } catch (IOException e) {
            LOG.warn("{} cannot be written ({}): what was told may be told again", file, String.valueOf(e));
        }
    }
}
