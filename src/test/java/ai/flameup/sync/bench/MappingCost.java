package ai.flameup.sync.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The cost of mapping a row and writing its body, with the launcher's flags and no other load. */
final class MappingCost implements Part {
    @Override
    public String what() {
        return "h  mapping alone";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        Process process = Processes.java(Mapping.class, Sidecar.launchersFlags(), List.of());
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        Processes.awaitSuccess(process, "the mapping's process");
        JsonNode said = new ObjectMapper().readTree(line);
        bench.report()
                .add(Figure.of(
                        'h',
                        "a row mapped, its body written",
                        "h_map_us",
                        said.path("nanos").asLong() / 1e3,
                        "us"));
        bench.report()
                .add(Figure.of(
                        'h',
                        "of which the body has",
                        "h_body_bytes",
                        said.path("bytes").asDouble(),
                        "bytes"));
    }
}
