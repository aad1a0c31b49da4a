package ai.flameup.sync.observe.metrics;

import ai.flameup.sync.observe.Status;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A metric: its name, its help text, and the function from a status to its values. An unknown value is absent. The name gives kind
 * and unit, by Prometheus' conventions: {@code _total} is a counter, {@code _info} an info, anything else a gauge. Immutable.
 */
record Metric(String name, String help, Function<Moment, List<Value>> values) {

    /**
     * A job at one moment.
     *
     * @param lastSuccess in epoch seconds, of this process or an earlier one
     */
    record Moment(Status status, @Nullable Double lastSuccess) {}

    record Value(double number, Labels labels) {}

    static List<Value> value(@Nullable Number number) {
        return number == null ? List.of() : List.of(new Value(number.doubleValue(), Labels.EMPTY));
    }

    /** @param common labels for every value that has no label of the same name */
    MetricSnapshot snapshot(Moment moment, Labels common) {
        List<Value> all = values.apply(moment).stream()
                .map(value -> new Value(value.number(), withCommon(value.labels(), common)))
                .toList();
        if (name.endsWith("_total")) {
            CounterSnapshot.Builder counter =
                    CounterSnapshot.builder().name(without("_total")).help(help);
            all.forEach(value -> counter.dataPoint(CounterDataPointSnapshot.builder()
                    .value(value.number())
                    .labels(value.labels())
                    .build()));
            return counter.build();
        }
        if (name.endsWith("_info")) {
            InfoSnapshot.Builder info =
                    InfoSnapshot.builder().name(without("_info")).help(help);
            all.forEach(value -> info.dataPoint(
                    InfoDataPointSnapshot.builder().labels(value.labels()).build()));
            return info.build();
        }
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        if (name.endsWith("_seconds")) {
            gauge.unit(Unit.SECONDS);
        } else if (name.endsWith("_bytes")) {
            gauge.unit(Unit.BYTES);
        }
        all.forEach(value -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                .value(value.number())
                .labels(value.labels())
                .build()));
        return gauge.build();
    }

    private String without(String suffix) {
        return name.substring(0, name.length() - suffix.length());
    }

    private static Labels withCommon(Labels own, Labels common) {
        Labels all = own;
        for (Label label : common) {
            all = all.contains(label.getName()) ? all : all.add(label.getName(), label.getValue());
        }
        return all;
    }
}
