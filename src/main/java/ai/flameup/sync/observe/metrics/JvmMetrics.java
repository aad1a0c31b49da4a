package ai.flameup.sync.observe.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The few metrics of the JVM that show whether the memory suffices. They have the names of Prometheus' library for the JVM, which
 * would add six dependencies and some sixty series.
 */
final class JvmMetrics {
    private JvmMetrics() {}

    static List<MetricSnapshot> snapshots() {
        Runtime runtime = Runtime.getRuntime();
        return List.of(
                heap("jvm_memory_used_bytes", "Used heap memory.", (double)
                        (runtime.totalMemory() - runtime.freeMemory())),
                heap("jvm_memory_max_bytes", "Maximum heap memory.", (double) runtime.maxMemory()),
                collections("jvm_gc_collections", "Garbage collections.", bean -> (double) bean.getCollectionCount()),
                collections(
                        "jvm_gc_collection_seconds",
                        "Time spent in garbage collections.",
                        bean -> bean.getCollectionTime() / 1000.0));
    }

    private static MetricSnapshot heap(String name, String help, double bytes) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .unit(Unit.BYTES)
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .value(bytes)
                        .labels(Labels.of("area", "heap"))
                        .build())
                .build();
    }

    private static MetricSnapshot collections(
            String name, String help, ToDoubleFunction<GarbageCollectorMXBean> number) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
        ManagementFactory.getGarbageCollectorMXBeans()
                .forEach(bean -> counter.dataPoint(CounterDataPointSnapshot.builder()
                        .value(Math.max(0, number.applyAsDouble(bean)))
                        .labels(Labels.of("gc", bean.getName()))
                        .build()));
        return counter.build();
    }
}
