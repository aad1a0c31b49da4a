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
 * Metrics of a run that has ended, for node_exporter's textfile collector. The file is replaced as a whole, so that a
 * reader never sees a part. Where a run was no success, the time of the last one is carried over from the file. Not to
 * be shared between threads.
 */
public final class MetricsFile {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsFile.class);
    private static final Pattern LAST_SUCCESS = Pattern.compile(MetricTable.LAST_SUCCESS + "(?:\\{.*})? ([0-9.E+]+)");

    private final Path file;

    private MetricsFile(Path file) {
        this.file = file;
    }

    /** @throws Fault where no file can be written there: told before the run, rather than after it */
    public static MetricsFile at(Path path) {
        Path file = path.toAbsolutePath();
        Path folder = file.getParent();
        if (folder == null
                || (Files.exists(file) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                || !Files.isDirectory(folder)
                || !Files.isWritable(folder)) {
            throw new Fault(
                    ExitCode.USAGE,
                    "--metrics-file: %s must be a file, and no link or device, in a folder that exists and that this user may write to"
                            .formatted(file));
        }
        if (!file.toString().endsWith(".prom")) {
            LOG.warn("--metrics-file: node_exporter reads only files whose names end in .prom; this is {}", file);
        }
        return new MetricsFile(file);
    }

    /**
     * Never fails a run that has done its work: what keeps the file from being written is logged.
     *
     * @param end with the exit code
     */
    public void write(Status end) {
        Double now = MetricTable.seconds(end.job().lastSuccessAt());
        Double lastSuccess = now == null ? carriedOver() : now;
        try {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            PrometheusTextFormatWriter.create()
                    .write(text, MetricTable.ofEndedRun(new Metric.Moment(end, lastSuccess)));
            WholeFile.write(file, text.toByteArray(), "rw-r--r--");
        } catch (IOException e) {
            LOG.error(
                    "--metrics-file: {} could not be written ({}): see to the rights and the space of its folder",
                    file,
                    String.valueOf(e));
        }
    }

    private @Nullable Double carriedOver() {
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
            LOG.warn("--metrics-file: the last success cannot be read from {} ({})", file, String.valueOf(e));
            return null;
        }
    }
}
