package ai.flameup.sync.config;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.delivery.PeoplePaths;
import ai.flameup.sync.doctor.Finding;
import ai.flameup.sync.doctor.SecretsCheck;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.mapping.MappingSettings.ColumnTrait;
import ai.flameup.sync.mapping.MappingSettings.ConstantTrait;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.mapping.MappingSettings.OnNull;
import ai.flameup.sync.mapping.MappingSettings.Trait;
import ai.flameup.sync.observe.ObserveSettings;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.PostgresUrl;
import ai.flameup.sync.source.TableName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the configuration file: every problem of it is told at once. Stateless. */
public final class SettingsFile {
    /** The file's name in the working directory. */
    public static final String NAME = "flameup-sync.yaml";

    /** Where the API is unless the configuration says otherwise. */
    public static final String BASE_URL = "https://api.flameup.ai";

    /** The default of {@code max-retained-wal}, in bytes. */
    public static final long MOST_RETAINED = 10L << 30;

    /** How a table is named, for messages. */
    public static final String TABLE_RULE =
            "must be schema.table, each as it stands in the catalog, capitals included, and in double quotes where it holds a"
                    + " blank, a dot or a quote: CRM.\"App Users\"";

    private static final String UNLIMITED = "unlimited";
    private static final int MOST_PORT = 65_535;
    private static final Path SYSTEM_WIDE = Path.of("/etc/flameup-sync", NAME);
    private static final Set<String> SECTIONS =
            new LinkedHashSet<>(List.of("postgres", "flameup", "mapping", "delivery", "state", "status", "notify"));
    private static final List<String> SECRETS =
            List.of("/postgres/password", "/flameup/token", "/flameup/proxy", "/notify/url");
    private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{");
    /** The driver believes these before what stands before the question mark. */
    private static final Pattern NAMED_ELSEWHERE =
            Pattern.compile("(?i)[?&](PGHOST|PGPORT|PGDBNAME|host|port|dbname|service)(?=[=&]|$)");

    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final Pattern NO_OR_ADDRESS = Pattern.compile("(?i)off|no|n|false|.+:\\d{1,5}");
    private static final Pattern SERVER_NAME = Pattern.compile("[a-z0-9_]{1,63}");
    private static final Pattern UNQUOTED = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    private final Path file;
    /** The file's, which relative paths in it are relative to: a process may be started from anywhere. */
    private final Path directory;

    private final Problems problems;
    private final Map<String, String> environment;
    private final List<String> notInForce = new ArrayList<>();
    private long maxRetainedWal;
    private OnSlotLost onSlotLost = OnSlotLost.STOP;

    private SettingsFile(Path file, Map<String, String> environment) {
        this.file = file;
        this.directory = file.toAbsolutePath().resolveSibling("");
        this.problems = new Problems(file.toString());
        this.environment = environment;
    }

    /**
     * @param given the file that was asked for, or null for the first of {@code $FLAMEUP_SYNC_CONFIG}, the working
     *     directory's and the system's
     * @throws Fault 2 with every problem
     */
    public static Settings load(@Nullable Path given, Map<String, String> environment) {
        Path file = find(given, environment);
        SettingsFile reader = new SettingsFile(file, environment);
        JsonNode tree = YamlTree.read(file);
        // Before variables are put in: what they hold is not in the file.
        List<Status.Notice> notices = exposed(file, secretsIn(tree));
        return reader.bind(reader.filled(tree), true, notices);
    }

    /**
     * As {@link #load}, without the token, which may be missing or wrong: nothing is sent.
     *
     * @param given as for {@link #load}
     * @throws Fault 2 with every problem
     */
    public static PreviewSettings preview(@Nullable Path given, Map<String, String> environment) {
        return without(given, environment, Map.of("flameup", List.of("token", "token-file")));
    }

    /**
     * As {@link #preview}, without the role's password as well, for whoever has another login, or none.
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
        // Before variables are put in: those of the secrets may not be set here.
        leftOut.forEach((section, keys) -> {
            if (tree.path(section) instanceof ObjectNode node) {
                node.remove(keys);
            }
        });
        Settings settings = reader.bind(reader.filled(tree), false, List.of());
        return new PreviewSettings(
                settings.postgres(),
                settings.mapping(),
                PeoplePaths.of(settings.flameup().baseUrl(), settings.flameup().workspace()));
    }

    /**
     * The state directory alone, for commands that look into the store and need nothing else. Whoever looks has trouble
     * already, often with this very file or in a shell without the service's variables: a wrong key elsewhere, or a token
     * that is not set here, must not keep the reason from him. The section itself is read as strictly as ever, because a
     * key misspelt there would lead to another store.
     *
     * @param given as for {@link #load}
     * @throws Fault 2 with what keeps the directory from being known
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
     * The keys of a file that hold a secret as it is, and not a variable or the name of a file.
     *
     * @throws Fault 2 if it cannot be read
     */
    public static List<String> secretsIn(Path file) {
        return secretsIn(YamlTree.read(file));
    }

    /** Told by each run as well as by the doctor. */
    private static List<Status.Notice> exposed(Path file, List<String> secrets) {
        return new SecretsCheck(file, secrets)
                .look().stream()
                        .filter(finding -> finding.status() == Finding.Status.WARNING)
                        .map(finding -> new Status.Notice("secret-readable", finding.message(), finding.remedy()))
                        .toList();
    }

    /** @param tree without the variables' values */
    private static List<String> secretsIn(JsonNode tree) {
        return SECRETS.stream()
                .filter(pointer -> {
                    String value = tree.at(pointer).asText();
                    // A proxy is none without a login.
                    boolean secret = !pointer.equals("/flameup/proxy") || value.contains("@");
                    return secret
                            && !value.isBlank()
                            && !VARIABLE.matcher(value).find();
                })
                .map(pointer -> pointer.substring(1).replace('/', '.'))
                .toList();
    }

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
                        "no configuration: give --config FILE, set FLAMEUP_SYNC_CONFIG, or write ./%s or %s; conf/%s is an example"
                                .formatted(NAME, SYSTEM_WIDE, NAME)));
    }

    /**
     * The file as commands have to name it; empty where they find it without, or there is none.
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

    private JsonNode filled(JsonNode tree) {
        return new Placeholders(environment, problems).fill("", tree);
    }

    private Settings bind(JsonNode tree, boolean withToken, List<Status.Notice> notices) {
        tree.fieldNames().forEachRemaining(name -> {
            if (!SECTIONS.contains(name)) {
                problems.add(name, "is unknown" + Section.nearest(name, SECTIONS));
            }
        });
        PostgresSettings postgres = postgres(section(tree, "postgres"));
        Section flameupSection = section(tree, "flameup");
        Secret token = Secret.read(flameupSection, "token", withToken, directory);
        if (!token.get().chars().allMatch(c -> c > ' ' && c < 127)) {
            flameupSection.problem(
                    "token", "holds a character that no token has: a space, a line's end, or none of ASCII");
        }
        Section mappingSection = section(tree, "mapping");
        Section delivery = section(tree, "delivery");
        PipelineSettings pipeline = pipeline(flameupSection, mappingSection, delivery);
        NetworkSettings network = NetworkSettings.read(flameupSection, environment, directory);
        FlameupSettings flameup = flameup(flameupSection, token, pipeline, postgres, network);
        MappingSettings mapping = mapping(mappingSection);
        Path state = state(section(tree, "state"));
        boolean firstLoad = firstLoad(delivery);
        ObserveSettings observe = observe(tree, network);
        problems.throwIfAny();
        return new Settings(
                file.equals(SYSTEM_WIDE) ? null : file.toAbsolutePath(),
                postgres,
                flameup,
                mapping,
                pipeline,
                state,
                observe,
                maxRetainedWal,
                firstLoad,
                notices,
                onSlotLost,
                List.copyOf(notInForce),
                token::reload);
    }

    private Section section(JsonNode tree, String name) {
        return new Section(name, tree.path(name), problems);
    }

    private PostgresSettings postgres(Section section) {
        String url = section.required("url");
        if (!url.isEmpty()
                && (!url.startsWith("jdbc:postgresql://") || url.matches("(?i).*([?&](user|password)=|//[^/]*@).*"))) {
            section.problem(
                    "url",
                    "must be jdbc:postgresql://host:port/database, without user and password"
                            + (url.matches("postgres(ql)?://.*")
                                    ? "; the form postgres:// is taken by `flameup-sync init --url`, which writes the other"
                                    : ""));
        }
        Matcher elsewhere = NAMED_ELSEWHERE.matcher(url);
        if (elsewhere.find()) {
            section.problem(
                    "url",
                    "has the parameter %s; name host, port and database in the URL itself, jdbc:postgresql://host:port/database"
                            .formatted(elsewhere.group(1)));
        } else if (url.startsWith(PostgresUrl.JDBC)) {
            PostgresUrl.problemOf(url).ifPresent(problem -> section.problem("url", problem));
        }
        String table = section.required("table");
        Optional<TableName> named = TableName.parse(table);
        if (named.isEmpty() && !table.isEmpty()) {
            section.problem("table", "is %s, but %s".formatted(table, TABLE_RULE));
        }
        String username = section.required("username");
        if (username.contains("'")) {
            section.problem("username", "holds a ', with which the stream cannot be read; name another role");
        }
        onSlotLost = section.oneOf("on-slot-lost", OnSlotLost.STOP, List.of(OnSlotLost.values()));
        maxRetainedWal = section.size("max-retained-wal", MOST_RETAINED);
        PostgresSettings settings = new PostgresSettings(
                new PostgresSettings.Login(
                        UrlFiles.absolute(url, directory),
                        username,
                        Secret.read(section, "password", false, directory)::latest),
                named.map(TableName::schema).orElse(""),
                named.map(TableName::name).orElse(""),
                section.matching("slot", "flameup_sync", SERVER_NAME, "must be 1 to 63 of a-z, 0-9 and _"),
                // The stream hands it on to the server without quotes.
                section.matching(
                        "publication",
                        "flameup_sync",
                        UNQUOTED,
                        "must be 1 to 63 of a-z, 0-9 and _, and not begin with a digit"));
        section.end();
        return settings;
    }

    private static FlameupSettings flameup(
            Section section,
            Secret token,
            PipelineSettings pipeline,
            PostgresSettings postgres,
            NetworkSettings network) {
        String url = section.text("base-url", BASE_URL).replaceAll("/+$", "");
        Optional<String> problem = problemOfBaseUrl(url);
        problem.ifPresent(rule -> section.problem("base-url", rule));
        URI uri = URI.create(problem.isPresent() ? "https://invalid" : url);
        onlyFrom(section, postgres);
        FlameupSettings settings = new FlameupSettings(
                uri,
                section.required("workspace"),
                token,
                pipeline.maxInFlight(),
                pipeline.requestTimeout(),
                network.to(uri));
        section.end();
        return settings;
    }

    /** A copy of the database, on a developer's machine for one, must not feed the workspace of the real one. */
    private static void onlyFrom(Section section, PostgresSettings postgres) {
        String only = section.text("only-from", postgres.source());
        if (!isSameSource(only, postgres.source())) {
            section.problem(
                    "only-from",
                    "is %s, but postgres.url names %s, which must not feed this workspace; put postgres.url right, or only-from where that is meant"
                            .formatted(only, postgres.source()));
        }
    }

    /** Upper case counts in the name of a database, and not in that of a host. */
    private static boolean isSameSource(String one, String other) {
        int slash = Math.max(one.indexOf('/'), 0);
        return one.regionMatches(true, 0, other, 0, slash)
                && one.substring(slash).equals(other.substring(Math.min(slash, other.length())));
    }

    /** What is wrong with an address of the API; empty where nothing is. */
    public static Optional<String> problemOfBaseUrl(String url) {
        try {
            URI uri = URI.create(url);
            boolean https = "https".equals(uri.getScheme());
            boolean http = "http".equals(uri.getScheme());
            if ((!https && !http) || uri.getHost() == null || uri.getRawQuery() != null || uri.getUserInfo() != null) {
                return Optional.of("must be an https:// address");
            }
            return http && !isLoopback(uri.getHost())
                    ? Optional.of(
                            "is %s, but http:// is only taken for a loopback address; use https://".formatted(url))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("is not a URL");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return (host.matches("[0-9.]+|\\[.*]") || host.equals("localhost"))
                    && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private MappingSettings mapping(Section section) {
        MappingSettings settings = new MappingSettings(
                section.text("user-id", "id"),
                section.raw("email").isNull() ? null : section.text("email", "email"),
                traits(section),
                section.oneOf("on-null", OnNull.CLEAR, List.of(OnNull.values())),
                section.oneOf("on-delete", OnDelete.IGNORE, List.of(OnDelete.values())),
                section.text("deleted-trait", "deleted_at"));
        boolean namedTwice = settings.traits().stream().map(Trait::name).anyMatch(settings.deletedTrait()::equals);
        if (settings.onDelete() != OnDelete.IGNORE && namedTwice) {
            section.problem("deleted-trait", "is %s, which traits name as well".formatted(settings.deletedTrait()));
        }
        section.end();
        return settings;
    }

    private List<Trait> traits(Section section) {
        List<Trait> traits = new ArrayList<>();
        JsonNode node = section.raw("traits");
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            section.problem("traits", "must be a list of `trait: column`");
        }
        node.properties().forEach(entry -> {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            if (value.isValueNode() && !value.isNull()) {
                traits.add(new ColumnTrait(name, value.asText(), false));
                return;
            }
            Section trait = new Section(section.key("traits." + name), value, problems);
            if (!trait.raw("value").isMissingNode()) {
                traits.add(new ConstantTrait(name, constant(trait)));
            } else {
                trait.oneOf("as", List.of("string"));
                traits.add(new ColumnTrait(name, trait.required("column"), trait.text("as") != null));
            }
            trait.end();
        });
        return traits;
    }

    private static String constant(Section trait) {
        JsonNode value = trait.raw("value");
        if (!trait.raw("column").isMissingNode()) {
            trait.problem("value", "is given beside column; a trait has one of them");
        }
        if (!value.isValueNode() || value.isNull()) {
            trait.problem("value", "must be a string, a number, true or false");
        } else if (value instanceof POJONode node && node.getPojo() instanceof YamlTree.Plain plain) {
            return plain(trait, plain);
        }
        return value.toString();
    }

    /** A number keeps its digits, so it has to be written as JSON writes numbers. */
    private static String plain(Section trait, YamlTree.Plain plain) {
        String text = plain.isNumber() ? plain.text() : plain.text().toLowerCase(Locale.ROOT);
        if (plain.isNumber() && !JSON_NUMBER.matcher(text).matches()) {
            trait.problem(
                    "value", "is %s, which JSON has no number for; quote it, or write another number".formatted(text));
        }
        if (!plain.isNumber() && !text.equals("true") && !text.equals("false")) {
            trait.problem(
                    "value", "is %s, which YAML reads as a boolean; quote it, or write true or false".formatted(plain));
        }
        return text;
    }

    private Path state(Section section) {
        String systemd = NativeText.checked("STATE_DIRECTORY", environment.get("STATE_DIRECTORY"));
        String written = section.text("directory");
        section.end();
        // A relative path in the environment is the shell's, and relative to the process.
        return written == null && systemd != null && !systemd.isBlank()
                ? NativeText.path("STATE_DIRECTORY", systemd)
                : section.path("directory", written == null ? "state" : written, directory);
    }

    /** How persons are sent is said in three sections, each where it belongs for whoever writes it. */
    private static PipelineSettings pipeline(Section flameup, Section mapping, Section delivery) {
        String ceiling = flameup.matching(
                "max-requests-per-minute",
                UNLIMITED,
                Pattern.compile(UNLIMITED + "|[1-9]\\d{0,8}"),
                "must be a number or unlimited");
        String halt = delivery.matching(
                "halt-when-rejected",
                "50%",
                Pattern.compile("100%|[1-9]\\d?%"),
                "must be a percentage from 1% to 100%");
        return new PipelineSettings(
                flameup.number("max-in-flight", 64, 1, 1000),
                flameup.oneOf("batch", Batch.AUTO, List.of(Batch.values())),
                flameup.duration("request-timeout", Duration.ofSeconds(10)),
                ceiling.equals(UNLIMITED) ? PipelineSettings.UNLIMITED : Long.parseLong(ceiling),
                Integer.parseInt(halt.substring(0, halt.length() - 1)),
                mapping.oneOf("on-email-held", OnEmailHeld.SEND, List.of(OnEmailHeld.values())));
    }

    /** And keys that are checked, and come into force with later parts. */
    private boolean firstLoad(Section delivery) {
        delivery.oneOf("first-load", List.of("all", "none"));
        boolean all = !"none".equals(delivery.text("first-load"));
        if (!delivery.flag("skip-unchanged", true)) {
            notInForce.add(delivery.key("skip-unchanged"));
        }
        delivery.end();
        return all;
    }

    private ObserveSettings observe(JsonNode tree, NetworkSettings network) {
        Section status = section(tree, "status");
        String listen = status.matching("listen", "127.0.0.1:9700", NO_OR_ADDRESS, "must be host:port or off");
        InetSocketAddress address = null;
        if (listen.contains(":")) {
            int colon = listen.lastIndexOf(':');
            int port = Integer.parseInt(listen.substring(colon + 1));
            if (port > MOST_PORT) {
                status.problem("listen", "is %s, but ports end at %s".formatted(listen, MOST_PORT));
            } else {
                address = InetSocketAddress.createUnresolved(
                        listen.substring(0, colon).replaceAll("^\\[|]$", ""), port);
            }
        }
        status.end();
        Section notify = section(tree, "notify");
        String url = notify.text("url", "");
        URI webhook = null;
        if (!url.isEmpty()) {
            // Such a URL is a secret, so its value is not told.
            if (isWebhook(url)) {
                webhook = URI.create(url);
            } else {
                notify.problem("url", "must be an https:// address, or http:// to a loopback address");
            }
        }
        notify.end();
        URI to = webhook;
        return new ObserveSettings(address, to, () -> to == null ? HttpClient.newBuilder() : network.client(to));
    }

    private static boolean isWebhook(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null
                    && ("https".equals(uri.getScheme())
                            || ("http".equals(uri.getScheme()) && isLoopback(uri.getHost())));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
