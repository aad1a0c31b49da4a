package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither the locale of the shell nor that of Java changes what a command reads or writes. */
class LocaleIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));

    @BeforeEach
    void oneUser() throws Exception {
        fixture.execute("INSERT INTO public.users (id, email, first_name) VALUES (1, 'zoe@example.com', 'Zoë')");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** Runs in a shell with the given environment only. Arguments are passed as bytes, independent of this JVM's locale. */
    private Shell shell(String environment, String command) throws IOException, InterruptedException {
        Path launcher = Path.of(System.getProperty("flameup.distribution"), "bin", "flameup-sync");
        Path script = Files.writeString(
                fixture.directory().resolve("script"),
                "exec env -i PATH=\"$PATH\" HOME=/nonexistent FLAMEUP_TOKEN=%s %s '%s' %s\n"
                        .formatted(Fixture.TOKEN, environment, launcher, command));
        Path out = fixture.directory().resolve("out");
        Process process = new ProcessBuilder("sh", script.toString())
                .directory(fixture.directory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new Shell(process.exitValue(), Files.readString(out));
    }

    private record Shell(int exitCode, String out) {}

    private SyncProcess.Result run(String... command) {
        return fixture.start(command).awaitExit(LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "LC_ALL=xx_YY.UTF-8", "LC_CTYPE=C LANG=C.UTF-8"})
    void arguments_areUtf8InEveryLocale(String locale) throws Exception {
        Shell where = shell(locale, "backfill start --dry-run --json --where \"first_name = 'Zoë'\"");

        assertThat(where.out()).contains("\"rows\":1");
        assertThat(where.exitCode()).isZero();
    }

    @Test
    void paths_withoutLocale_areUtf8() throws Exception {
        fixture.configure(
                "directory: " + fixture.stateDirectory(),
                "directory: " + fixture.directory().resolve("stä"));

        Shell run = shell("", "run --until-caught-up");

        assertThat(run.out()).doesNotContain("internal error");
        assertThat(run.exitCode()).isZero();
        try (var entries = Files.list(fixture.directory())) {
            assertThat(entries.map(entry -> entry.toUri().getRawPath())).anyMatch(path -> path.contains("st%C3%A4"));
        }
        fixture.assertConverged();
    }

    /** A JVM that no launcher gave a locale. */
    private SyncProcess.Result java(List<String> environment, List<String> arguments) throws Exception {
        Path lib = Path.of(System.getProperty("flameup.distribution"), "lib");
        List<String> command = new ArrayList<>(List.of("env", "-i", "PATH=" + System.getenv("PATH")));
        command.addAll(environment);
        command.addAll(List.of("java", "-Dfile.encoding=UTF-8", "-cp", lib + "/*", "ai.flameup.sync.cli.Main"));
        command.addAll(arguments);
        Path out = fixture.directory().resolve("out");
        Path err = fixture.directory().resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new SyncProcess.Result(process.exitValue(), Files.readString(out), Files.readString(err), LIMIT);
    }

    @Test
    void undecodableArgument_isRefused() throws Exception {
        String config = fixture.configurationFile().toString();

        SyncProcess.Result argument =
                java(List.of("FLAMEUP_TOKEN=t"), List.of("backfill", "start", "--id", "jos\u00e9", "--config", config));
        SyncProcess.Result option = java(List.of("FLAMEUP_TOKEN=t"), List.of("doctor", "--config", "st\u00e4.yaml"));
        fixture.configure(
                "directory: " + fixture.stateDirectory(),
                "directory: " + fixture.directory().resolve("stä"));
        SyncProcess.Result path =
                java(List.of("FLAMEUP_TOKEN=t"), List.of("run", "--until-caught-up", "--config", config));

        for (SyncProcess.Result result : List.of(argument, option, path)) {
            assertThat(result.err()).contains("ANSI_X3.4-1968", "LC_ALL=C.UTF-8");
            assertThat(result.exitCode()).isEqualTo(2);
        }
        assertThat(argument.err()).contains("argument 4");
        assertThat(path.err()).contains("state.directory");
    }

    @Test
    void fileContent_notUtf8_isRefused() throws Exception {
        Path file = Files.write(
                fixture.directory().resolve("latin-1"), new byte[] {'i', 'd', '=', '\'', (byte) 0xE9, '\''});

        SyncProcess.Result ids = run("backfill", "start", "--ids-file", file.toString());
        Shell where = shell("LC_ALL=C.UTF-8", "backfill start --where - --config flameup-sync.yaml < latin-1");
        Files.write(fixture.configurationFile(), new byte[] {'#', (byte) 0xE9, '\n'});
        SyncProcess.Result configuration = run("status");

        assertThat(ids.err()).contains(file + " is not UTF-8");
        assertThat(ids.exitCode()).isEqualTo(2);
        assertThat(where.out()).contains("standard input is not UTF-8");
        assertThat(where.exitCode()).isEqualTo(2);
        assertThat(configuration.err()).contains(fixture.configurationFile() + ": the file is not UTF-8");
        assertThat(configuration.exitCode()).isEqualTo(2);
    }

    @Test
    void numbers_areAsciiInEveryLocale() throws Exception {
        fixture.environment().put("FLAMEUP_SYNC_JAVA_OPTS", "-Duser.language=ar -Duser.country=EG");
        fixture.insertUsers(2, 1_500);

        SyncProcess.Result preview = run("preview");
        fixture.catchUp();
        SyncProcess.Result status = run("status");

        assertThat(preview.exitCode()).as("%s", preview).isZero();
        fixture.assertConverged();
        assertThat(status.out()).isNotEmpty().matches("(?s)\\p{ASCII}*");
    }
}
