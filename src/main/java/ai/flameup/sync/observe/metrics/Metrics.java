package ai.flameup.sync.observe.metrics;

import ai.flameup.sync.observe.Status;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A job's metrics for Prometheus, as OpenMetrics if the scraper accepts it, else in Prometheus' text format. Each scrape reads the
 * status once. Thread-safe.
 */
public final class Metrics implements Exposition {
    private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final Supplier<Status> status;

    public Metrics(Supplier<Status> status) {
        this.status = status;
    }

    @Override
    public String contentType(@Nullable String accept) {
        return writer(accept).getContentType();
    }

    @Override
    public void write(@Nullable String accept, OutputStream out) throws IOException {
        Status now = status.get();
        List<MetricSnapshot> all = new ArrayList<>(JvmMetrics.snapshots());
        MetricTable.ofProcess(
                        new Metric.Moment(now, MetricTable.seconds(now.job().lastSuccessAt())))
                .forEach(all::add);
        writer(accept).write(out, new MetricSnapshots(all));
    }

    private ExpositionFormatWriter writer(@Nullable String accept) {
        return openMetrics.accepts(accept) ? openMetrics : text;
    }
}
