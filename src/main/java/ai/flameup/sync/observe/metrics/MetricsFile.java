package ai.flameup.sync.observe.metrics;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.WholeFile;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the metrics of a run that has ended, for node_exporter's textfile collector. The file is replaced atomically. If the run
 * was no success, the time of the last success is kept from the old file. For one thread.
 */
public final class MetricsFile {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsFile.class);
    private static final Pattern LAST_SUCCESS = Pattern.compile(MetricTable.LAST_SUCCESS + "(?:\\{.*})? ([0-9.E+]+)");

    private final Path file;

    private MetricsFile(Path file) {
        this.file = file;
    }

    /** @throws Fault 2 if the file cannot be written, so that this is reported before the run */
    public static MetricsFile at(Path path) {
        Path file = path.toAbsolutePath();
        Path folder = file.getParent();
        if (folder == null
                || (Files.exists(file) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                || !Files.isDirectory(folder)
                || !Files.isWritable(folder)) {
            throw new Fault(
                    ExitCode.USAGE,
                    "--metrics-file: %s must be a regular file in an existing directory that this user can write to"
                            .formatted(file));
        }
        if (!file.toString().endsWith(".prom")) {
            LOG.warn("--metrics-file: node_exporter only reads files with a name that ends in .prom: {}", file);
        }
        return new MetricsFile(file);
    }

    /**
     * Logs a failure instead of throwing it, because the run has done its work.
     *
     * @param end the last status, with the exit code
     */
    public void write(Status end) {
        Double now = MetricTable.seconds(end.job().lastSuccessAt());
        Double lastSuccess = now == null ? lastSuccessInFile() : now;
        try {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            PrometheusTextFormatWriter.create()
                    .write(text, MetricTable.ofEndedRun(new Metric.Moment(end, lastSuccess)));
            WholeFile.write(file, text.toByteArray(), "rw-r--r--");
        } catch (IOException e) {
            LOG.error(
                    "--metrics-file: cannot write {} ({}). Check permissions and free space of its directory",
                    file,
                    String.valueOf(e));
        }
    }

    private @Nullable Double lastSuccessInFile() {
        try {
            return Files.readAllLines(file).stream()
                    .map(LAST_SUCCESS::matcher)
                    .filter(Matcher::matches)
                    .map(found -> Double.valueOf(found.group(1)))
                    .findFirst()
                    .orElse(null);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            LOG.warn("--metrics-file: cannot read the last success from {} ({})", file, String.valueOf(e));
            return null;
        }
    }
}
