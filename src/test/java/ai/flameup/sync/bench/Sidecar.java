package ai.flameup.sync.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The launcher of the unpacked distribution as a child process, with a state directory of its own. For one thread. */
final class Sidecar implements AutoCloseable {
    private static final long LOOK_MILLIS = 50;
    /** Of the JVM that the launcher becomes; also those of the profiler, where there is one. */
    private static final String JAVA_OPTS = "FLAMEUP_SYNC_JAVA_OPTS";

    private final Process process;
    private final Path directory;
    private final Path log;
    private final long start;
    private final ScheduledExecutorService looking =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "watch-sidecar"));
    private volatile double peak;
    private volatile double cpu;
    private volatile long end;
    private final CompletableFuture<Void> ended;

    /**
     * @param directory for configuration, log and state; made if it is not there
     * @param batch {@code auto}, {@code never} or {@code always}
     */
    Sidecar(Path directory, Users users, String slot, String standIn, String batch, List<String> command) {
        this.directory = directory;
        log = directory.resolve("log");
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("flameup-sync.yaml"), configuration(users, slot, standIn, batch));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProcessBuilder builder =
                command(command, System.getProperty("benchmark.java.opts", "")).redirectOutput(log.toFile());
        start = System.nanoTime();
        process = Processes.start(builder);
        ended = process.onExit().thenRun(() -> end = System.nanoTime());
        Future<?> unused = looking.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private ProcessBuilder command(List<String> words, String flags) {
        ProcessBuilder builder = new ProcessBuilder(launcher().toString());
        builder.command().addAll(words);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put(JAVA_OPTS, flags);
        return builder.directory(directory.toFile()).redirectErrorStream(true);
    }

    /** Has another command do its work beside this one, which must be a success; what it says. */
    String ask(String... words) {
        String what = String.join(" ", words);
        // Flags of their own: a recording, for one, is of one process.
        Process asked = Processes.start(command(List.of(words), System.getProperty("benchmark.command.opts", "")));
        try {
            String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Processes.awaitSuccess(asked, what + ", which says: " + said.strip() + ",");
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path distribution() {
        return Path.of(System.getProperty("flameup.distribution", "target/flameup-sync"))
                .toAbsolutePath();
    }

    private static Path launcher() {
        return distribution().resolve("bin").resolve("flameup-sync");
    }

    /** The JVM flags that every command is started with. */
    static List<String> launchersFlags() {
        try (var lines = Files.lines(launcher())) {
            return lines.filter(line -> line.startsWith("flags='"))
                    .map(line -> List.of(line.substring("flags='".length(), line.length() - 1)
                            .split(" ", -1)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the launcher has no line of flags"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String configuration(Users users, String slot, String standIn, String batch) {
        String traits = users.mapping().entrySet().stream()
                .map(trait -> "    " + trait.getKey() + ": " + trait.getValue() + "\n")
                .collect(Collectors.joining());
        return """
                postgres:
                  url: jdbc:postgresql://localhost:%d/%s
                  username: %s
                  password: %s
                  table: public.users
                  slot: %s
                  publication: flameup_sync
                flameup:
                  base-url: %s
                  workspace: demo
                  token: demo-token
                  batch: %s
                  max-in-flight: 64
                mapping:
                  user-id: id
                  email: email
                  traits:
                %sstate:
                  directory: state
                status:
                  listen: "off"
                """.formatted(
                        users.server().port(), users.database(), Users.ROLE, Users.ROLE, slot, standIn, batch, traits);
    }

    private void look() {
        Proc.peakMegabytes(process.pid()).ifPresent(now -> peak = Math.max(peak, now));
        Proc.cpuSeconds(process.pid()).ifPresent(now -> cpu = Math.max(cpu, now));
    }

    /** With configuration, log and state. */
    Path directory() {
        return directory;
    }

    /** {@link System#nanoTime}. */
    long start() {
        return start;
    }

    /** From start to end. */
    double seconds() {
        return (end - start) / 1e9;
    }

    /** Resident at its peak, in megabytes of 1,000,000 bytes. */
    double peakMegabytes() {
        return peak;
    }

    double cpuSeconds() {
        return cpu;
    }

    void awaitSuccess() {
        try {
            Processes.awaitSuccess(process, "the sidecar (its log: " + log + ")");
            ended.join();
        } finally {
            looking.shutdownNow();
        }
    }

    /** SIGTERM; it drains and ends. */
    void stop() {
        process.destroy();
        awaitSuccess();
    }

    @Override
    public void close() {
        looking.shutdownNow();
        process.destroyForcibly();
    }
}
