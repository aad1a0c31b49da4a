package ai.flameup.sync.doctor;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the run that holds the state directory is halted. It may wait for an operator although all other checks
 * pass.
 *
 * @param holder the pid of the run; empty if there is none
 */
record RunCheck(Path directory, Optional<String> holder) implements Check {
    static final String NAME = "run";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Override
    public List<Finding> findings() {
        JsonNode status = holder.isEmpty() ? JSON.missingNode() : status();
        boolean isOfRun = holder.filter(status.path("pid").asText()::equals).isPresent();
        if (!isOfRun || !status.path("state").asText().equals("halted")) {
            return List.of();
        }
        return List.of(Finding.failed(
                ExitCode.ATTENTION,
                NAME,
                "the run (pid %s) has been halted since %s: %s"
                        .formatted(
                                holder.get(),
                                status.path("since").asText(),
                                status.path("reason").asText()),
                remedy(status.path("remedy").textValue())));
    }

    /** The run itself often just refers to the doctor. */
    private static String remedy(@Nullable String remedy) {
        return remedy == null || remedy.contains("flameup-sync doctor")
                ? "fix what failed above, or what the reason names; the run checks again every minute and resumes by itself"
                : remedy;
    }

    private JsonNode status() {
        Path file = directory.resolve("status.json");
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            // The run has just started.
            return JSON.missingNode();
        } catch (IOException e) {
            throw new Fault(
                    ExitCode.STORE,
                    "%s cannot be read (%s); run the doctor as the user that runs flameup-sync"
                            .formatted(file, e.getClass().getSimpleName()),
                    e);
        }
    }
}
