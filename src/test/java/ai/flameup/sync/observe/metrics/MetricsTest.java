package ai.flameup.sync.observe.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.observe.Given;
import ai.flameup.sync.observe.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final String OPEN_METRICS =
            "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5";

    private final Given given = new Given();
    private final AtomicInteger asked = new AtomicInteger();
    private final Metrics metrics = new Metrics(() -> {
        asked.incrementAndGet();
        return given.status();
    });

    private String scrape(@Nullable String accept) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        metrics.write(accept, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void scrape_showsOneStatus() throws IOException {
        given.deadLetters(Map.of("422", 3L, "none", 1L));
        assertThat(scrape(null).lines())
                .contains(
                        "# TYPE flameup_sync_state gauge",
                        "flameup_sync_state{state=\"in_step\"} 1.0",
                        "flameup_sync_state{state=\"halted\"} 0.0",
                        "flameup_sync_ready 1.0",
                        "flameup_sync_lag_seconds 0.25",
                        "flameup_sync_lag_bytes 4096.0",
                        "flameup_sync_retained_wal_bytes 1048576.0",
                        "flameup_sync_waiting 3.0",
                        "flameup_sync_in_flight 2.0",
                        "# TYPE flameup_sync_delivered_total counter",
                        "flameup_sync_delivered_total 1000.0",
                        "flameup_sync_requests_total 900.0",
                        "flameup_sync_saved_unchanged_total 50.0",
                        "flameup_sync_saved_replaced_total 60.0",
                        "flameup_sync_budget_limit 120.0",
                        "flameup_sync_budget_remaining 42.0",
                        "flameup_sync_budget_reset_timestamp_seconds 1.79540283E9",
                        "flameup_sync_dead_letters{status=\"422\"} 3.0",
                        "flameup_sync_dead_letters{status=\"none\"} 1.0",
                        "flameup_sync_backfills{state=\"running\"} 1.0",
                        "flameup_sync_backfills{state=\"paused\"} 0.0",
                        "flameup_sync_build_info{version=\"1.2.3\"} 1",
                        "flameup_sync_last_success_timestamp_seconds 1.7954028E9");
        assertThat(asked).hasValue(1);
    }

    @Test
    void unknownValues_areAbsent() throws IOException {
        given.nothingKnown().state(State.STARTING, false);
        assertThat(scrape(null))
                .doesNotContain(
                        "flameup_sync_budget",
                        "flameup_sync_lag",
                        "flameup_sync_retained_wal_bytes",
                        "flameup_sync_people",
                        "flameup_sync_max_slot_wal_keep_bytes",
                        "flameup_sync_last_delivered_timestamp_seconds",
                        "flameup_sync_last_success_timestamp_seconds",
                        "flameup_sync_last_run")
                .contains("flameup_sync_ready 0.0");
    }

    @Test
    void lastSuccess_isLastTimeInStep() throws IOException {
        scrape(null);
        given.at(Given.START.plusSeconds(3600)).state(State.OUTAGE, false);
        assertThat(scrape(null).lines()).contains("flameup_sync_last_success_timestamp_seconds 1.7954028E9");
    }

    @Test
    void halt_isShownWithRemedy() throws IOException {
        assertThat(scrape(null)).doesNotContain("flameup_sync_halted_info{");
        given.state(State.HALTED, false).because("the token is \"refused\"", "flameup-sync doctor");
        assertThat(scrape(null).lines())
                .contains(
                        "flameup_sync_state{state=\"halted\"} 1.0",
                        "flameup_sync_halted_info{reason=\"the token is \\\"refused\\\"\",remedy=\"flameup-sync doctor\"} 1");
    }

    @Test
    void openMetrics_isUsedIfAccepted() throws IOException {
        assertThat(metrics.contentType(null)).startsWith("text/plain; version=0.0.4");
        assertThat(metrics.contentType("*/*")).startsWith("text/plain");
        assertThat(metrics.contentType(OPEN_METRICS)).startsWith("application/openmetrics-text");
        assertThat(scrape(OPEN_METRICS))
                .contains("# UNIT flameup_sync_lag_seconds seconds\n", "# TYPE flameup_sync_build info\n")
                .endsWith("# EOF\n");
    }

    @Test
    void everyMetric_isDocumented() throws IOException {
        String page = Files.readString(Path.of("src/site/markdown/metrics.md"));
        assertThat(MetricTable.ALL)
                .allSatisfy(metric -> assertThat(page).contains("| `" + metric.name()))
                .allSatisfy(metric -> assertThat(metric.help()).endsWith("."));
        assertThat(named(page)).isSubsetOf(names());
    }

    @Test
    void alertRules_nameExistingMetrics() throws IOException {
        String rules = Files.readString(Path.of("src/main/dist/prometheus/flameup-sync-alerts.yaml"));
        assertThat(named(rules)).isNotEmpty().isSubsetOf(names());
    }

    private static String[] names() {
        return MetricTable.ALL.stream().map(Metric::name).toArray(String[]::new);
    }

    private static Stream<String> named(String text) {
        return Pattern.compile("\\bflameup_sync_[a-z_]+\\b")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .distinct();
    }
}
