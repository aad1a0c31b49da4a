package ai.flameup.sync.observe.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.Given;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileIT {
    private static final String ROUTE =
            "{destination=\"workspace acme at https://api.flameup.ai\",source=\"db-prod/app.public.users\"}";
    private static final String SUCCESS = "flameup_sync_last_success_timestamp_seconds" + ROUTE + " ";

    @TempDir
    private Path folder;

    private Path file;
    private final Given given = new Given().mode("until-caught-up");

    @BeforeEach
    void name() {
        file = folder.resolve("flameup.prom");
    }

    private Stream<String> afterRun(ExitCode code) throws IOException {
        write(given.ended(code).status());
        return Files.readAllLines(file).stream();
    }

    private void write(Status end) {
        MetricsFile.at(file).write(end);
    }

    @Test
    void completedRun_isSuccess() throws IOException {
        assertThat(afterRun(ExitCode.DONE))
                .contains(
                        SUCCESS + "1.7954028E9",
                        "flameup_sync_last_run_exit_code" + ROUTE + " 0.0",
                        "flameup_sync_delivered_total" + ROUTE + " 1000.0")
                .noneMatch(line -> line.startsWith("flameup_sync_ready") || line.startsWith("flameup_sync_state"))
                .filteredOn(line -> !line.startsWith("#"))
                .allSatisfy(line -> assertThat(line).contains("source=\"db-prod/app.public.users\""));
        assertThat(afterRun(ExitCode.ATTENTION)).contains(SUCCESS + "1.7954028E9");
    }

    @Test
    void failedRun_keepsTimeOfLastSuccess() throws IOException {
        assertThat(afterRun(ExitCode.FLAMEUP)).noneMatch(line -> line.startsWith(SUCCESS));
        afterRun(ExitCode.DONE);
        given.at(Given.START.plusSeconds(86_400));
        for (ExitCode code : new ExitCode[] {ExitCode.FLAMEUP, ExitCode.TRY_LATER, ExitCode.BUG}) {
            assertThat(afterRun(code))
                    .contains(
                            SUCCESS + "1.7954028E9",
                            "flameup_sync_last_run_exit_code" + ROUTE + " " + code.code() + ".0",
                            "flameup_sync_last_run_timestamp_seconds" + ROUTE + " 1.7954892E9");
        }
    }

    @Test
    void continuousRun_endedInStep_isSuccess() throws IOException {
        given.mode("run").ended(ExitCode.DONE);
        write(given.state(State.BEHIND, true).status());
        assertThat(file).content().doesNotContain(SUCCESS);
        write(given.state(State.IN_STEP, true).status());
        assertThat(file).content().contains(SUCCESS);
    }

    @Test
    void file_isReadableByCollector_withoutTemporaryFiles() throws IOException {
        afterRun(ExitCode.DONE);
        afterRun(ExitCode.DONE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r--r--");
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void fileWithOtherContent_isReplaced() throws IOException {
        Files.write(file, new byte[] {(byte) 0xff, 0, 10});
        assertThat(afterRun(ExitCode.FLAMEUP)).contains("flameup_sync_last_run_exit_code" + ROUTE + " 4.0");
    }

    @Test
    void missingDirectory_isReportedBeforeTheRun() {
        assertThatThrownBy(() -> MetricsFile.at(folder.resolve("missing/flameup.prom")))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("--metrics-file")
                .hasMessageContaining("missing/flameup.prom");
    }

    @Test
    void directoryLostDuringRun_doesNotFailTheRun() throws IOException {
        Path lost = Files.createDirectory(folder.resolve("lost"));
        MetricsFile metrics = MetricsFile.at(lost.resolve("flameup.prom"));
        Files.delete(lost);
        metrics.write(given.ended(ExitCode.DONE).status());
        assertThat(lost).doesNotExist();
    }
}
