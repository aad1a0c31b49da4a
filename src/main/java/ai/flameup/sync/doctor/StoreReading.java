package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.StateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Reads a store of the present form without a trace. Stateless. */
final class StoreReading {
    /** The log holds what a killed process has committed last. */
    private static final List<String> FILES = List.of("state.db", "state.db-wal");

    private StoreReading() {}

    /**
     * @param held whether a run has the store open; where none has, a copy is read, because whoever closes a store last
     *     puts it in order
     * @throws Fault 8 where it cannot be read
     */
    static void read(Path directory, boolean held, Consumer<StateStore> reader) {
        if (held) {
            readBeside(directory, reader);
            return;
        }
        try {
            Path copy = Files.createTempDirectory("flameup-sync-doctor-");
            try {
                for (String name : FILES) {
                    if (Files.exists(directory.resolve(name))) {
                        Files.copy(directory.resolve(name), copy.resolve(name));
                    }
                }
                readBeside(copy, reader);
            } finally {
                for (String name : FILES) {
                    Files.deleteIfExists(copy.resolve(name));
                }
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new Fault(ExitCode.STORE, "the store cannot be copied to be looked at: %s".formatted(e), e);
        }
    }

    private static void readBeside(Path directory, Consumer<StateStore> reader) {
        try (StateStore store = StateStore.openBeside(directory)) {
            reader.accept(store);
        }
    }
}
