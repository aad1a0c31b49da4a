package ai.flameup.sync.config;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.delivery.PeoplePaths;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.pipeline.PipelineSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the configuration file and reports all of its problems at once. Stateless. */
public final class SettingsFile {
    /** The file's name in the working directory. */
    public static final String NAME = "flameup-sync.yaml";

    /** The default of {@code flameup.base-url}. */
    public static final String BASE_URL = FlameupSection.BASE_URL;

    /** The default of {@code postgres.max-retained-wal}, in bytes. */
    public static final long MAX_RETAINED_WAL = PostgresSection.MAX_RETAINED_WAL;

    /** The form of a table's name, for messages. */
    public static final String TABLE_RULE = PostgresSection.TABLE_RULE;

    private static final Path SYSTEM_WIDE = Path.of("/etc/flameup-sync", NAME);
    private static final Set<String> SECTIONS =
            new LinkedHashSet<>(List.of("postgres", "flameup", "mapping", "delivery", "state", "status", "notify"));

    private final Path file;
    /** Relative paths in the file are relative to this directory: a process may be started from anywhere. */
    private final Path directory;

    private final Problems problems;
    private final Map<String, String> environment;

    private SettingsFile(Path file, Map<String, String> environment) {
        this.file = file;
        this.directory = file.toAbsolutePath().resolveSibling("");
        this.problems = new Problems(file.toString());
        this.environment = environment;
    }

    /**
     * Reads the whole configuration.
     *
     * @param given the path from the command line, or null for the first that exists of {@code $FLAMEUP_SYNC_CONFIG},
     *     the file in the working directory and the system-wide one
     * @throws Fault 2 with every problem
     */
    public static Settings load(@Nullable Path given, Map<String, String> environment) {
        Path file = find(given, environment);
        SettingsFile reader = new SettingsFile(file, environment);
        JsonNode tree = YamlTree.read(file);
        // Before placeholders are replaced: the value of a variable is not in the file.
        List<Status.Notice> notices = PlainSecrets.notices(file, tree);
        return reader.bind(reader.withVariables(tree), true, notices);
    }

    /**
     * As {@link #load}, without the token, which may be missing or wrong because nothing is sent.
     *
     * @param given as for {@link #load}
     * @throws Fault 2 with every problem
     */
    public static PreviewSettings preview(@Nullable Path given, Map<String, String> environment) {
        return without(given, environment, Map.of("flameup", List.of("token", "token-file")));
    }

    /**
     * As {@link #preview}, without the role's password as well, for commands that use another login or none.
     *
     * @param given as for {@link #load}
     * @throws Fault 2 with every problem
     */
    public static PreviewSettings withoutSecrets(@Nullable Path given, Map<String, String> environment) {
        return without(
                given,
                environment,
                Map.of("flameup", List.of("token", "token-file"), "postgres", List.of("password", "password-file")));
    }

    private static PreviewSettings without(
            @Nullable Path given, Map<String, String> environment, Map<String, List<String>> leftOut) {
        Path file = find(given, environment);
        SettingsFile reader = new SettingsFile(file, environment);
        JsonNode tree = YamlTree.read(file);
        // Before placeholders are replaced: the variables of the secrets may not be set here.
        leftOut.forEach((section, keys) -> {
            if (tree.path(section) instanceof ObjectNode node) {
                node.remove(keys);
            }
        });
        Settings settings = reader.bind(reader.withVariables(tree), false, List.of());
        return new PreviewSettings(
                settings.postgres(),
                settings.mapping(),
                PeoplePaths.of(settings.flameup().baseUrl(), settings.flameup().workspace()));
    }

    /**
     * Reads the state directory alone, for commands that only read the store. Operators use them when something is
     * wrong, often with this file, or in a shell without the service's variables. So problems of other sections are
     * ignored. The section itself is read as strictly as by {@link #load}, because a misspelt key would select another
     * store.
     *
     * @param given as for {@link #load}
     * @throws Fault 2 with every problem of the section {@code state}
     */
    public static Path stateDirectory(@Nullable Path given, Map<String, String> environment) {
        Path file = find(given, environment);
        SettingsFile reader = new SettingsFile(file, environment);
        JsonNode section = new Placeholders(environment, reader.problems)
                .fill("state", YamlTree.read(file).path("state"));
        Path directory = reader.state(new Section("state", section, reader.problems));
        reader.problems.throwIfAny();
        return directory;
    }

    /**
     * The keys of a file whose value is a secret, and not a variable or the name of a file.
     *
     * @throws Fault 2 if the file cannot be read
     */
    public static List<String> secretsIn(Path file) {
        return PlainSecrets.in(YamlTree.read(file));
    }

    /** Returns why a value of {@code flameup.base-url} is invalid; empty if it is valid. */
    public static Optional<String> problemOfBaseUrl(String url) {
        return FlameupSection.problemOfBaseUrl(url);
    }

    /**
     * The file that {@link #load} reads.
     *
     * @param given as for {@link #load}
     * @throws Fault 2 if there is none
     */
    public static Path find(@Nullable Path given, Map<String, String> environment) {
        if (given != null) {
            return given;
        }
        String named = NativeText.checked("FLAMEUP_SYNC_CONFIG", environment.get("FLAMEUP_SYNC_CONFIG"));
        if (named != null && !named.isBlank()) {
            return NativeText.path("FLAMEUP_SYNC_CONFIG", named);
        }
        return Stream.of(Path.of(NAME), SYSTEM_WIDE)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new Fault(
                        ExitCode.USAGE,
                        "no configuration found. Pass --config FILE, set FLAMEUP_SYNC_CONFIG, or create ./%s or %s. See conf/%s for an example"
                                .formatted(NAME, SYSTEM_WIDE, NAME)));
    }

    /**
     * The file as a command must name it; empty if commands find it by default, or if there is none.
     *
     * @param given as for {@link #load}
     */
    public static Optional<Path> named(@Nullable Path given, Map<String, String> environment) {
        try {
            return Optional.of(find(given, environment))
                    .filter(file -> !file.equals(SYSTEM_WIDE))
                    .map(Path::toAbsolutePath);
        } catch (Fault none) {
            return Optional.empty();
        }
    }

    private JsonNode withVariables(JsonNode tree) {
        return new Placeholders(environment, problems).fill("", tree);
    }

    private Settings bind(JsonNode tree, boolean withToken, List<Status.Notice> notices) {
        tree.fieldNames().forEachRemaining(name -> {
            if (!SECTIONS.contains(name)) {
                problems.add(name, "is unknown" + Section.nearest(name, SECTIONS));
            }
        });
        SourceSettings source = PostgresSection.read(section(tree, "postgres"), directory);
        Section flameupSection = section(tree, "flameup");
        Secret token = FlameupSection.token(flameupSection, withToken, directory);
        Section mappingSection = section(tree, "mapping");
        Section delivery = section(tree, "delivery");
        PipelineSettings pipeline =
                DeliverySection.pipeline(flameupSection, mappingSection, delivery, source.maxRetainedWal());
        NetworkSettings network = NetworkSettings.read(flameupSection, environment, directory);
        FlameupSettings flameup = FlameupSection.read(flameupSection, token, pipeline, source.postgres(), network);
        MappingSettings mapping = MappingSection.read(mappingSection);
        Path state = state(section(tree, "state"));
        boolean firstLoad = DeliverySection.firstLoad(delivery);
        ObserveSettings observe = ObserveSections.read(section(tree, "status"), section(tree, "notify"), network);
        problems.throwIfAny();
        return new Settings(
                new SettingsOrigin(file.equals(SYSTEM_WIDE) ? null : file.toAbsolutePath(), notices, token::reload),
                source,
                flameup,
                mapping,
                new JobSettings(state, pipeline, firstLoad, observe));
    }

    private Section section(JsonNode tree, String name) {
        return new Section(name, tree.path(name), problems);
    }

    private Path state(Section section) {
        String systemd = NativeText.checked("STATE_DIRECTORY", environment.get("STATE_DIRECTORY"));
        String written = section.text("directory");
        section.end();
        // A relative path in the environment is relative to the process, as in a shell.
        return written == null && systemd != null && !systemd.isBlank()
                ? NativeText.path("STATE_DIRECTORY", systemd)
                : section.path("directory", written == null ? "state" : written, directory);
    }
}
