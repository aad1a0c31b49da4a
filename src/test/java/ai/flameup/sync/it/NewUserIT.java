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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The way of a new user, who does what the commands themselves say, from the first one on. The README shows it. */
class NewUserIT {
    private static final int POSTGRES = 3;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Pattern BLOCK = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FIGURES = Pattern.compile("[0-9][0-9.,:/A-F]*");
    private static final Pattern SQL = Pattern.compile("(?m)^ {2,}((?:ALTER|SELECT|GRANT|CREATE) .*;)$");
    private static final String LEFT_OUT = "...";

    private final List<String> transcript = new ArrayList<>();

    @Test
    void doesWhatTheCommandsSay() throws Exception {
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
                            "flameup-sync doctor",
                            "flameup-sync setup",
                            "flameup-sync preview",
                            "flameup-sync try",
                            "flameup-sync run");
            set(fixture, next.get(0), "a password of one's own");
            set(fixture, next.get(1), Fixture.TOKEN);
            assertThat(shell(fixture, POSTGRES, next.get(2))).contains("flameup-sync setup");
            assertThat(shell(fixture, 0, next.get(3).replace("URL", admin))).contains("slot flameup_sync");
            for (String statement : remedies(shell(fixture, POSTGRES, next.get(2)))) {
                transcript.add("app=# " + statement);
                for (String single : statement.split("(?<=;) ", -1)) {
                    fixture.execute(single);
                }
            }
            assertThat(shell(fixture, 0, next.get(2))).doesNotContain("failed");
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
        assertReadmeShows(transcript);
    }

    /** For ever, until it is in step. */
    private void run(Fixture fixture, String command) {
        transcript.add("$ " + command + " &");
        SyncProcess running = fixture.start(command.split(" ", -1)[1]);
        running.awaitLog("Following public.users", LIMIT);
        Eventually.within((int) LIMIT.toSeconds(), "in step", () -> {
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

    /** Others on this machine may have the default one. */
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

    /** Each of its lines, in its order; but for figures, and for what it leaves out. */
    private static void assertReadmeShows(List<String> transcript) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(Path.of("README.md")));
        assertThat(block.find()).as("a console's block in the README").isTrue();
        Iterator<String> seen = transcript.stream().map(NewUserIT::plain).iterator();
        for (String line : block.group(1).lines().toList()) {
            if (line.strip().equals(LEFT_OUT) || line.isBlank()) {
                continue;
            }
            String shown = plain(line);
            boolean found = false;
            while (!found && seen.hasNext()) {
                found = seen.next().equals(shown);
            }
            assertThat(found)
                    .as("the README's line was seen, in this order: %s", line)
                    .isTrue();
        }
    }

    /** Without what differs from one to another. */
    private static String plain(String line) {
        String common = line.replaceAll("postgres://(\\w+)@\\S+", "postgres://$1@HOST/app")
                .replaceAll("http://\\S+", "URL")
                .replaceAll("/\\S*/flameup-sync\\.yaml", "flameup-sync.yaml")
                .replaceAll("\\bapp_\\d+\\b", "app");
        return FIGURES.matcher(common).replaceAll("0").strip();
    }
}
