package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A new user follows the commands that each command prints. The README shows the transcript. */
class NewUserIT {
    private static final int ATTENTION = 6;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Pattern SQL = Pattern.compile("(?m)^ {2,}((?:ALTER|SELECT|GRANT|CREATE) .*;)$");

    private final List<String> transcript = new ArrayList<>();

    @Test
    void newUser_followsThePrintedCommands_deliversEveryPerson() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = new Fixture(server)) {
            Files.delete(fixture.configurationFile());
            fixture.insertUsers(1, 250);
            fixture.environment().clear();
            fixture.environment().put("FLAMEUP_SYNC_ADMIN_PASSWORD", server.password());
            String admin = "postgres://%s@%s:%d/%s"
                    .formatted(server.username(), server.host(), server.port(), fixture.database());

            String said = shell(
                    fixture,
                    0,
                    "flameup-sync init --url %s --admin-url %s --table public.users --workspace demo --base-url %s"
                            .formatted(
                                    admin.replace(server.username() + "@", "flameup_sync@"),
                                    admin,
                                    fixture.standIn().baseUrl()));
            listenAtAnyPort(fixture.configurationFile());
            List<String> next = said.substring(said.indexOf("Next:"))
                    .lines()
                    .skip(1)
                    .map(line -> line.replaceFirst("\\s+#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();

            assertThat(next)
                    .extracting(line -> line.replaceFirst("^(export \\w+|flameup-sync \\w+).*", "$1"))
                    .containsExactly(
                            "export PGPASSWORD",
                            "export FLAMEUP_TOKEN",
                            "flameup-sync setup",
                            "flameup-sync doctor",
                            "flameup-sync preview",
                            "flameup-sync try",
                            "flameup-sync run");
            set(fixture, next.get(0), "a password of one's own");
            set(fixture, next.get(1), Fixture.TOKEN);
            assertThat(shell(fixture, 0, next.get(2).replace("URL", admin))).contains("slot flameup_sync");
            for (String statement : remedies(shell(fixture, ATTENTION, next.get(3)))) {
                transcript.add("app=# " + statement);
                for (String single : statement.split("(?<=;) ", -1)) {
                    fixture.execute(single);
                }
            }
            assertThat(shell(fixture, 0, next.get(3))).doesNotContain("failed", "warning");
            assertThat(shell(fixture, 0, next.get(4))).contains("\"userId\"");
            assertThat(shell(fixture, 0, next.get(5).replace("ID", "1"))).contains("200");
            run(fixture, next.get(6));
            fixture.assertConverged();
            assertThat(fixture.standIn().history())
                    .filteredOn(call -> !call.userId().equals("1"))
                    .as("a person's first delivery has no nulls, though the slot was there")
                    .noneMatch(call -> call.person().toString().contains(":null"));
        } finally {
            Files.write(Path.of("target", "new-user.txt"), transcript);
        }
        ReadmeTranscript.assertShows("flameup-sync init", transcript);
    }

    /** Runs until the job is in step. */
    private void run(Fixture fixture, String command) {
        transcript.add("$ " + command + " &");
        SyncProcess running = fixture.start(command.split(" ", -1)[1]);
        running.awaitLog("Following public.users", LIMIT);
        Eventually.within((int) LIMIT.toSeconds(), "the job is in step", () -> {
            SyncProcess.Result check = fixture.start("status", "--check").awaitExit(LIMIT);
            return check.exitCode() == 0 && check.out().contains("in_step");
        });
        transcript.addAll(running.err().lines().toList());
        assertThat(shell(fixture, 0, "flameup-sync status --check")).contains("in_step");
        running.term();
        assertThat(running.awaitExit(LIMIT).exitCode()).isZero();
    }

    private static void set(Fixture fixture, String export, String value) {
        fixture.environment().put(export.replaceFirst("export (\\w+)=.*", "$1"), value);
    }

    private static List<String> remedies(String doctor) {
        List<String> found =
                SQL.matcher(doctor).results().map(match -> match.group(1)).toList();
        assertThat(found).as(doctor).isNotEmpty();
        return found;
    }

    /** The default port may be in use on this machine. */
    private static void listenAtAnyPort(Path configuration) throws IOException {
        Files.writeString(configuration, "\nstatus:\n  listen: 127.0.0.1:0\n", StandardOpenOption.APPEND);
    }

    private String shell(Fixture fixture, int code, String command) {
        transcript.add("$ " + command);
        Path bin = Path.of(System.getProperty("flameup.distribution"), "bin");
        try {
            ProcessBuilder builder = new ProcessBuilder("bash", "-c", command)
                    .directory(fixture.directory().toFile())
                    .redirectErrorStream(true);
            builder.environment().keySet().retainAll(List.of("PATH", "HOME", "JAVA_HOME"));
            builder.environment().putAll(fixture.environment());
            builder.environment().merge("PATH", bin.toString(), (path, ours) -> ours + ":" + path);
            builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            transcript.addAll(output.lines().toList());
            assertThat(process.waitFor()).as("%s\n%s", command, output).isEqualTo(code);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
