package ai.flameup.sync.bench;

import ai.flameup.sync.bench.TargetProcess.Manner;
import java.nio.file.Path;
import java.util.List;

/** What all parts share: server, stand-in, report. For one thread. */
final class Bench implements AutoCloseable {
    private final Path directory;
    private final Report report;
    private final Server server;
    private final TargetProcess target = new TargetProcess();
    private int sidecars;

    Bench(Path directory, Report report) {
        this.directory = directory;
        this.report = report;
        this.server = new Server(directory);
    }

    Path directory() {
        return directory;
    }

    Report report() {
        return report;
    }

    Server server() {
        return server;
    }

    TargetProcess target() {
        return target;
    }

    Stopwatch stopwatch() {
        return new Stopwatch(List.of(ProcessHandle.current().pid(), server.pid()));
    }

    /** A sidecar with an empty store, and a stand-in for it alone. */
    Sidecar sidecar(Users users, String slot, Manner manner, String batch, String... command) {
        Path own = directory.resolve("sidecar-" + ++sidecars);
        return new Sidecar(own, users, slot, target.open(manner), batch, List.of(command));
    }

    @Override
    public void close() {
        try {
            target.close();
        } finally {
            server.close();
        }
    }
}
