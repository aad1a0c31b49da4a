package ai.flameup.sync.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of {@link Engine}, with the launcher's flags.
 *
 * @param rate records a second, between the first and the last
 * @param toFirst seconds from the process's start to the first record
 * @param whole seconds from the process's start to its end
 */
record EngineRun(double rate, double toFirst, double toLast, double whole, double cpu) {

    /** @param snapshotMode {@code initial} reads the table, {@code no_data} only what the slot holds */
    static EngineRun measure(Users users, String slot, String snapshotMode, int records) throws IOException {
        List<String> flags = new ArrayList<>(Sidecar.launchersFlags());
        flags.add("-Dfile.encoding=UTF-8");
        long start = System.nanoTime();
        Process process = Processes.java(
                Engine.class,
                flags,
                List.of(
                        Integer.toString(users.server().port()),
                        users.database(),
                        slot,
                        snapshotMode,
                        Integer.toString(records)));
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        double cpu = Proc.cpuSeconds(process.pid()).orElse(0.0);
        Processes.awaitSuccess(process, "the engine's process");
        long end = System.nanoTime();
        JsonNode said = new ObjectMapper().readTree(line);
        long first = said.path("first").asLong();
        long last = said.path("last").asLong();
        return new EngineRun(
                (records - 1) * 1e9 / (last - first),
                (first - start) / 1e9,
                (last - start) / 1e9,
                (end - start) / 1e9,
                cpu);
    }
}
