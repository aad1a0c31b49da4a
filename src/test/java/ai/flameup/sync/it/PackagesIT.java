package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files for supervisors and container engines have the documented content; no engine is started. */
class PackagesIT {
    private static final Path DISTRIBUTION = Path.of(System.getProperty("flameup.distribution"));
    private static final String INSTALLED = "/opt/flameup-sync/";
    private static final String UID = "10001";
    private static final YAMLMapper YAML = new YAMLMapper();

    @TempDir
    private Path directory;

    /** The output of a command, both streams. */
    private record Said(int code, String text) {}

    private Said run(String... command) throws Exception {
        Path said = Files.createTempFile(directory, "said-", ".log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as(String.join(" ", command))
                .isTrue();
        return new Said(process.exitValue(), Files.readString(said));
    }

    private static String read(String file) throws IOException {
        return Files.readString(DISTRIBUTION.resolve(file));
    }

    /** The units as if they were installed where this distribution is. */
    private List<String> units() throws IOException {
        List<String> units = new ArrayList<>();
        for (String name :
                List.of("flameup-sync.service", "flameup-sync-catch-up.service", "flameup-sync-catch-up.timer")) {
            Path unit = directory.resolve(name);
            Files.writeString(unit, read("systemd/" + name).replace(INSTALLED, DISTRIBUTION + "/"));
            units.add(unit.toString());
        }
        return units;
    }

    private void assumeSystemd() throws Exception {
        assumeThat(run("sh", "-c", "command -v systemd-analyze").code())
                .as("systemd-analyze, which checks the units, is not installed")
                .isZero();
    }

    @Test
    void systemdUnits_areValid() throws Exception {
        assumeSystemd();
        List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
        command.addAll(units());

        Said said = run(command.toArray(String[]::new));

        assertThat(said).isEqualTo(new Said(0, ""));
    }

    /** The score that the documents state; of 10, less is better. */
    @Test
    void systemdSandbox_hasDocumentedScore() throws Exception {
        assumeSystemd();
        for (String unit : units().subList(0, 2)) {
            Said said = run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=13", unit);

            assertThat(said.code()).as(said.text()).isZero();
        }
    }

    @Test
    void systemdServices_shareSandbox() throws Exception {
        String from = "User=flameup-sync";
        String daemon = read("systemd/flameup-sync.service");
        String finite = read("systemd/flameup-sync-catch-up.service");

        String sandbox = daemon.substring(daemon.indexOf(from), daemon.indexOf("\n[Install]"));

        assertThat(sandbox).contains("ProtectSystem=strict", "StateDirectory=", "LoadCredential=token:");
        assertThat(finite).endsWith(sandbox);
    }

    /** Runs in the shell that cron uses, with a launcher that exits with the given code. */
    @ParameterizedTest
    @CsvSource({"0,false", "75,false", "6,true", "2,true", "137,true"})
    void cron_mailsOnlyWhatNeedsOperator(int code, boolean mailed) throws Exception {
        Path stub = directory.resolve("flameup-sync");
        Files.writeString(stub, "#!/bin/sh\necho \"flameup-sync: said with $*\" >&2\nexit " + code + "\n");
        Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwx------"));

        Said said = run("sh", "-c", cronCommand().replace(INSTALLED + "bin/flameup-sync", stub.toString()));

        assertThat(said.code()).isZero();
        if (mailed) {
            assertThat(said.text())
                    .contains("said with run --until-caught-up -q --config")
                    .endsWith("flameup-sync ended with " + code + "\n");
        } else {
            assertThat(said.text()).isEmpty();
        }
    }

    @Test
    void cron_runsCommand() throws Exception {
        Said said = run("sh", "-c", cronCommand().replace(INSTALLED, DISTRIBUTION + "/"));

        assertThat(said.text()).contains("the configuration does not exist").endsWith("flameup-sync ended with 2\n");
    }

    private static String cronCommand() throws IOException {
        List<String> lines = read("cron/flameup-sync").lines().toList();
        String line = lines.get(lines.size() - 1);
        assertThat(line).startsWith("*/15 * * * * flameup-sync ");
        // Cron turns a percent sign into a line break.
        assertThat(line).doesNotContain("%");
        return line.substring("*/15 * * * * flameup-sync ".length()).replace("\"$CONFIG\"", "missing.yaml");
    }

    private static Map<String, JsonNode> kubernetes() throws IOException {
        Map<String, JsonNode> kinds = new HashMap<>();
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(read("kubernetes/flameup-sync.yaml"))) {
            documents.forEachRemaining(one -> kinds.put(one.path("kind").asText(), one));
        }
        return kinds;
    }

    @Test
    void kubernetes_hasOneReplicaWithLivenessProbe() throws Exception {
        JsonNode spec = kubernetes().get("StatefulSet").path("spec");
        JsonNode pod = spec.at("/template/spec");
        JsonNode container = pod.at("/containers/0");

        assertThat(spec.path("replicas").asInt()).isEqualTo(1);
        assertThat(spec.at("/volumeClaimTemplates/0/spec/accessModes/0").asText())
                .isEqualTo("ReadWriteOncePod");
        assertThat(pod.path("containers")).hasSize(1);
        assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/livez");
        assertThat(container.has("readinessProbe") || container.has("startupProbe"))
                .isFalse();
        assertThat(pod.path("enableServiceLinks"))
                .isEqualTo(YAML.getNodeFactory().booleanNode(false));
        assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isGreaterThanOrEqualTo(10);
    }

    @Test
    void kubernetes_grantsMinimalPrivileges() throws Exception {
        JsonNode pod = kubernetes().get("StatefulSet").at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");

        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asText()).isEqualTo(UID);
        assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                .isFalse();
        assertThat(container.at("/securityContext/capabilities/drop/0").asText())
                .isEqualTo("ALL");
        assertThat(container.path("env").isMissingNode())
                .as("secrets are mounted")
                .isTrue();
    }

    /** Every configured path is mounted, and the command accepts the configuration except for values of its environment. */
    @Test
    void kubernetes_configurationMatchesMounts() throws Exception {
        Map<String, JsonNode> kinds = kubernetes();
        String text = kinds.get("ConfigMap").at("/data/flameup-sync.yaml").asText();
        JsonNode configuration = YAML.readTree(text);
        List<String> mounts = new ArrayList<>();
        kinds.get("StatefulSet")
                .at("/spec/template/spec/containers/0/volumeMounts")
                .forEach(mount -> mounts.add(mount.path("mountPath").asText()));

        for (String key : List.of("/postgres/password-file", "/flameup/token-file", "/state/directory")) {
            assertThat(mounts).anyMatch(mount -> configuration.at(key).asText().startsWith(mount + "/"));
        }
        assertThat(configuration.at("/status/listen").asText()).isEqualTo("0.0.0.0:9700");
        assertThat(problems(text, Map.of())).allMatch(line -> line.contains("-file: does not exist"));
    }

    private static JsonNode compose() throws IOException {
        return YAML.readTree(Files.readString(Path.of("docker/compose.yaml"))).path("services");
    }

    @Test
    void compose_configurationIsValid() throws Exception {
        String text = Files.readString(Path.of("docker/flameup-sync.yaml"));
        Map<String, String> environment = new HashMap<>();
        compose()
                .at("/sidecar/environment")
                .properties()
                .forEach(one -> environment.put(one.getKey(), one.getValue().asText()));

        assertThat(text).contains("listen: 0.0.0.0:9700");
        assertThat(Files.readString(Path.of("docker/users.sql")))
                .contains("PASSWORD '" + environment.get("PGPASSWORD") + "'");
        assertThat(problems(text, environment)).isEmpty();
    }

    /** Returns the configuration problems that a command reports when it needs the whole configuration and a missing table. */
    private List<String> problems(String configuration, Map<String, String> environment) throws IOException {
        Path file = Files.writeString(
                directory.resolve("flameup-sync.yaml"),
                configuration.replaceAll("//postgres[^/]*/", "//127.0.0.1:1/").replace("0.0.0.0:9700", "off"));
        SyncProcess.Result result = SyncProcess.start(
                        directory, environment, List.of("run", "--until-caught-up", "--config", file.toString()))
                .awaitExit(Duration.ofSeconds(60));
        assertThat(result.exitCode()).as("%s", result).isIn(2, 3);
        return result.exitCode() == 3 ? List.of() : result.errLines();
    }

    @Test
    void compose_mountsExistingFiles() throws Exception {
        JsonNode services = compose();

        assertThat(services.properties().stream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrder("postgres", "stand-in", "sidecar");
        assertThat(services.at("/postgres/command").toString()).contains("wal_level=logical");
        assertThat(services.at("/sidecar/read_only").asBoolean()).isTrue();
        services.forEach(service -> service.path("volumes").forEach(volume -> {
            String source = volume.asText().replaceFirst(":.*", "");
            assertThat(!source.startsWith(".")
                            || Files.exists(Path.of("docker").resolve(source).normalize()))
                    .as(source)
                    .isTrue();
        }));
        for (String service : List.of("stand-in", "sidecar")) {
            String target = services.path(service).at("/build/target").asText();
            assertThat(dockerfile()).containsPattern("(?m)^FROM \\S+ AS " + target + "$");
        }
    }

    @Test
    void image_runsLauncherUnprivileged() throws Exception {
        String dockerfile = dockerfile();

        assertThat(dockerfile)
                .contains(
                        "\nUSER " + UID + ":" + UID + "\n",
                        "\nSTOPSIGNAL SIGTERM\n",
                        "\nVOLUME /var/lib/flameup-sync\n",
                        "\nENTRYPOINT [\"" + INSTALLED + "bin/flameup-sync\"]\n",
                        "http://127.0.0.1:9700/livez")
                .doesNotContain("apt-get");
        assertThat(Pattern.compile("(?m)^FROM (?!\\$\\{(MAVEN|JRE)_IMAGE}|sidecar)")
                        .matcher(dockerfile)
                        .find())
                .as("a base that cannot be pinned by an argument")
                .isFalse();
        // One instant in the jars and in the layers.
        String epoch = dockerfile.replaceFirst("(?s).*\nARG SOURCE_DATE_EPOCH=(\\d+)\n.*", "$1");
        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("<project.build.outputTimestamp>" + Instant.ofEpochSecond(Long.parseLong(epoch))
                        + "</project.build.outputTimestamp>");
    }

    /** Without these, the image would lack files that the archive has. */
    @Test
    void imageContext_hasWhatTheArchiveIsBuiltFrom() throws Exception {
        assertThat(Files.readAllLines(Path.of(".dockerignore")))
                .contains("!pom.xml", "!README.md", "!CHANGELOG.md", "!sql", "!src/main", "!src/site");
    }

    private static String dockerfile() throws IOException {
        return Files.readString(Path.of("docker/Dockerfile"));
    }
}
