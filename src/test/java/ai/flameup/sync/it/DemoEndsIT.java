package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No process and no directory of the demo outlives it, however it ends. */
class DemoEndsIT {
    @TempDir
    private Path directory;

    /**
     * Java reports an end by SIGKILL as 137. The log of the job stays. SIGTERM instead of SIGINT, which a process ignores if a
     * script started it, or the tests, in the background.
     */
    @ParameterizedTest
    @CsvSource({"TERM, 75", "KILL, 137"})
    void demo_endedBySignal_leavesNoProcessAndNoDirectory(String signal, int code) throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("temporary"));
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("flameup.distribution"), "bin", "flameup-sync")
                                .toString(),
                        "demo",
                        "--keep")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().put("FLAMEUP_SYNC_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        Process demo = builder.start();
        try {
            Eventually.within(
                    120, "the first load", () -> Files.readString(output).contains("First load:") || !demo.isAlive());
            assertThat(processes(temporary)).as(Files.readString(output)).hasSizeGreaterThanOrEqualTo(3);
            assertThat(demo.isAlive()).as(Files.readString(output)).isTrue();

            assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(demo.pid()))
                            .start()
                            .waitFor())
                    .isZero();

            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).as(Files.readString(output)).isEqualTo(code);
            Eventually.within(20, "the end of all", () -> processes(temporary).isEmpty() && isRemoved(temporary));
        } finally {
            // Its guard ends the rest.
            demo.destroyForcibly();
        }
    }

    /** Returns the command lines that name the directory: of the demo, the job and Postgres. */
    private static List<String> processes(Path temporary) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(temporary.toString()))
                .toList();
    }

    /** The library for the server leaves small files of its own. */
    private static boolean isRemoved(Path temporary) throws IOException {
        try (Stream<Path> left = Files.list(temporary)) {
            return left.noneMatch(file ->
                    Files.isDirectory(file) && file.getFileName().toString().startsWith("flameup-sync-demo-"));
        }
    }
}
