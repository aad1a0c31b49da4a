package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.flameup.sync.observe.History;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.Statuses;
import ai.flameup.sync.observe.http.StatusServer;
import ai.flameup.sync.observe.http.StatusSource;
import ai.flameup.sync.observe.metrics.Exposition;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page in a real browser, as an operator reads it. Leaves screenshots in {@code target/page}. */
class PageIT {
    private static final Path SHOTS = Path.of("target", "page");
    private static final int DESKTOP = 1280;
    private static final int PHONE = 360;

    /** The colour of each symbol. On the page their shapes differ too. */
    private static final Map<String, String> COLOURS =
            Map.of("#1a8754", "ok", "#2f74d0", "wait", "#c27a00", "warn", "#d03b3b", "bad", "#7a838e", "gone");

    @TempDir
    static Path profile;

    private static @Nullable Chromium browser;

    private final AtomicReference<Function<Instant, Status>> state = new AtomicReference<>(Statuses::inStep);
    private final AtomicReference<Function<Status, History>> history = new AtomicReference<>(Statuses::history);
    private StatusServer server;
    private Tab tab;

    private record Case(String name, Function<Instant, Status> state, String title, List<String> read) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                new Case(
                        "in-step",
                        Statuses::inStep,
                        "✓ In step – app.public.users on sync-1",
                        List.of(
                                "In step.",
                                "48,213 people. Last delivered 2 s ago.",
                                "db-prod/app.public.users",
                                "workspace acme at https://api.flameup.ai",
                                "Lag None",
                                "48 MB of 10 GB",
                                "84 of 120 left New window in 23 s.",
                                "Dead letters None No person was refused.",
                                "Delivered 81,204",
                                "Calls saved 11,505 9,301 unchanged, 2,204 superseded by a newer state.")),
                new Case(
                        "starting",
                        Statuses::starting,
                        "… Starting – app.public.users on sync-1",
                        List.of(
                                "Starting.",
                                "Waiting for slot flameup_sync, which pid 4711 reads.",
                                "Lag Unknown",
                                "Retained WAL Unknown",
                                "Budget Unknown Flameup has reported none.")),
                new Case(
                        "loading",
                        Statuses::loading,
                        "… Loading 25 % – app.public.users on sync-1",
                        List.of(
                                "Loading: 25 %.",
                                "12,390 of about 48,213 people. About 3 min left.",
                                "First load (1)",
                                "25 %, 12,390 of 48,213",
                                "Rows by condition (2)",
                                "Queued")),
                new Case(
                        "throttled",
                        Statuses::throttled,
                        "… Throttled – app.public.users on sync-1",
                        List.of(
                                "Waiting for Flameup’s budget.",
                                "The API's budget is used up: nothing is sent until ",
                                "0 of 120 left New window in 38 s.",
                                "Lag 44 s 812 waiting, 0 requests in flight. About 7 min left.")),
                new Case(
                        "paused",
                        Statuses::paused,
                        "… Throttled – app.public.users on sync-1",
                        List.of("Paused at Flameup’s request.", "The API asked for a pause: nothing is sent until ")),
                new Case(
                        "behind",
                        Statuses::behind,
                        "▲ Behind by 13 min – app.public.users on sync-1",
                        List.of(
                                "Behind by 13 min.",
                                "2 notices need attention. 14,210 changes are waiting, about 79 s left.",
                                "Notices",
                                "Nothing protects the primary's disk while this process is dead",
                                "ALTER SYSTEM SET max_slot_wal_keep_size = '64GB'; SELECT pg_reload_conf();",
                                "6.3 GB of 10 GB More than half of the limit.",
                                "The server sets no limit.")),
                new Case(
                        "deferred",
                        Statuses::deferred,
                        "▲ Behind by 14 min – app.public.users on sync-1",
                        List.of("Behind by 14 min.", "332,000 deferred since", "About 28 min left, at 200 a second.")),
                new Case(
                        "past-the-limit",
                        Statuses::past,
                        "■ Not ready: behind by 1 day 2 h – app.public.users on sync-1",
                        List.of(
                                "Not ready. Behind by 1 day 2 h.",
                                "The server keeps 11 GB of WAL for the slot, the limit is 10 GB.",
                                "Make room, or raise postgres.max-retained-wal",
                                "11 GB of 10 GB Past the limit. Slot flameup_sync: unreserved.")),
                new Case(
                        "outage",
                        Statuses::outage,
                        "▲ Outage of Flameup – app.public.users on sync-1",
                        List.of(
                                "Outage of Flameup. It answers with status 503. Since",
                                "Nothing is lost. The job resumes by itself. 407 changes are waiting.",
                                "Lag 5 min 407 waiting, 1 request in flight.")),
                new Case(
                        "halted",
                        Statuses::halted,
                        "■ Action needed – app.public.users on sync-1",
                        List.of(
                                "Action needed: token refused at ",
                                "Nothing is lost.",
                                "To check it, run flameup-sync doctor --config /etc/flameup-sync/flameup-sync.yaml Copy")),
                new Case(
                        "slot-lost",
                        Statuses::slotLost,
                        "■ Action needed – app.public.users on sync-1",
                        List.of(
                                "Action needed. Postgres: slot flameup_sync was invalidated at ",
                                "Changes may be missing at Flameup. To create a new slot and send every row again, run flameup-sync resync Copy",
                                "Retained WAL None",
                                "Slot flameup_sync: lost.")),
                new Case(
                        "dead-letters",
                        Statuses::letters,
                        "▲ In step – app.public.users on sync-1",
                        List.of(
                                "In step.",
                                "1 notice needs attention. 48,213 people.",
                                "18 persons are parked as dead letters.",
                                "To see them with their reasons, run flameup-sync dead-letters list --config /etc/flameup-sync.yaml Copy",
                                "Dead letters 18 Status Persons 400 1 422 14 no response 2 not sent 1")),
                new Case(
                        "stopped",
                        Statuses::stopped,
                        "? Stopped – app.public.users on sync-1",
                        List.of("Stopped.", "Ended by a signal.")),
                new Case(
                        "refused",
                        Statuses::refused,
                        "■ Action needed – app.public.users on sync-1",
                        List.of(
                                "Action needed: Flameup refuses with status 401 at ",
                                "Check flameup.token, its permissions, flameup.workspace and flameup.base-url. Nothing is lost.",
                                "To check the result, run sudo -u flameup-sync '/opt/flame up/bin/flameup-sync' doctor"
                                        + " --config /etc/flameup-sync/flameup-sync.yaml Copy")),
                new Case(
                        "halted-and-stopped",
                        Statuses::haltedAndStopped,
                        "■ Action needed – app.public.users on sync-1",
                        List.of(
                                "Action needed. Postgres: role app may not replicate at ",
                                "The run was stopped while halted.",
                                "Named in the reason: ALTER ROLE \"app\" REPLICATION Copy",
                                "To see every check that fails, and its fix, run flameup-sync doctor Copy")),
                new Case(
                        "never-sent",
                        Statuses::neverSent,
                        "▲ In step – app.public.users on sync-1",
                        List.of("Dead letters 3 Status Persons not sent 3")),
                new Case(
                        "shared-emails",
                        Statuses::sharedEmails,
                        "▲ In step – app.public.users on sync-1",
                        List.of(
                                "46 persons share an email address",
                                "To see who they are, run flameup-sync status --shared-emails Copy")),
                new Case(
                        "slot-gone",
                        Statuses::slotGone,
                        "▲ Outage of Flameup – app.public.users on sync-1",
                        List.of(
                                "407 changes are waiting.",
                                "Retained WAL None Slot flameup_sync: lost. A gap is possible.",
                                "Persons without a row (7)")),
                new Case(
                        "something-to-know",
                        Statuses::noticed,
                        "✓ In step – app.public.users on sync-1",
                        List.of("In step.", "2 times a person took an email address")));
    }

    @BeforeAll
    static void start() throws IOException {
        Optional<Path> executable = Chromium.executable();
        assumeTrue(
                executable.isPresent(), "no Chromium on the PATH: the page is not tested (apt-get install chromium)");
        browser = new Chromium(executable.orElseThrow(), profile);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() {
        server = serve(0);
        tab = browser.open();
        tab.size(DESKTOP, 900);
    }

    @AfterEach
    void close() {
        tab.close();
        server.close();
    }

    private StatusServer serve(int port) {
        StatusSource watched = new StatusSource(
                () -> state.get().apply(Instant.now()),
                () -> history.get().apply(state.get().apply(Instant.now())),
                () -> true,
                new NoMetrics(),
                Path.of(""));
        return new StatusServer(InetSocketAddress.createUnresolved("127.0.0.1", port), watched);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void page_showsTheState(Case shown) throws IOException {
        show(shown.state());
        assertThat(tab.errors()).isEmpty();
        assertThat(tab.eval("document.title").asText()).isEqualTo(shown.title());
        assertThat(tab.text("body")).contains(shown.read());
        for (String scheme : List.of("light", "dark")) {
            tab.prefers("prefers-color-scheme", scheme);
            for (int width : List.of(DESKTOP, PHONE)) {
                tab.size(width, 900);
                settle();
                assertThat(tab.eval("document.documentElement.scrollWidth").asInt())
                        .as("width of the page")
                        .isLessThanOrEqualTo(width);
                tab.screenshot(SHOTS.resolve(shown.name() + "-" + scheme + "-" + width + ".png"));
            }
            assertThat(violations()).as("rules of accessibility, %s", scheme).isEmpty();
        }
        assertThat(tab.requests())
                .isNotEmpty()
                .allMatch(address -> address.startsWith(server.url()) || address.startsWith("data:"));
    }

    @Test
    void possibleGap_promisesNothing() {
        show(Statuses::slotLost);
        assertThat(tab.text("body")).doesNotContain("Nothing is lost");
        assertThat(tab.text("#detail")).isEqualTo("A gap is possible: run flameup-sync resync.");
    }

    @Test
    void goneSlot_hasNoEstimates() {
        show(Statuses::slotGone);
        assertThat(tab.text("body")).doesNotContain("by itself", "About ", "invalidates", "of WAL", "Nothing is lost");
    }

    @Test
    void requestedPause_doesNotEndWithTheBudgetWindow() {
        show(Statuses::throttled);
        assertThat(tab.text("#detail")).contains("More requests in 38 s.");
        show(Statuses::paused);
        assertThat(tab.text("#detail")).doesNotContain("More requests in");
    }

    @Test
    void noticeWithoutRemedy_hasNoWarningColour() {
        String colour = "getComputedStyle(document.getElementById('notices')).borderLeftColor";
        show(Statuses::sharedEmails);
        assertThat(tab.eval(colour).asText()).isEqualTo("rgb(178, 106, 0)");
        show(Statuses::noticed);
        assertThat(tab.eval(colour).asText()).isEqualTo("rgb(221, 225, 230)");
    }

    @Test
    void everyCommand_hasACopyButton() {
        for (Function<Instant, Status> one : List.<Function<Instant, Status>>of(
                Statuses::letters, Statuses::behind, Statuses::past, Statuses::refused, Statuses::haltedAndStopped)) {
            show(one);
            assertThat(tab.eval("document.querySelectorAll('.command').length").asInt())
                    .isPositive();
            assertThat(tab.eval(
                            "[...document.querySelectorAll('code')].filter(code => !code.parentNode.querySelector('button'))"
                                    + ".map(code => code.textContent)"))
                    .isEmpty();
            assertThat(tab.eval("[...document.querySelectorAll('.command ~ p')].map(line => line.textContent)"))
                    .as("texts that only end a sentence")
                    .extracting(JsonNode::asText)
                    .doesNotContain(".");
        }
    }

    @Test
    void remedyWithSeveralCommands_isReadInOrder() {
        show(at -> Statuses.halted(
                at, "a role is missing", "Stop `other`, run `flameup-sync setup`; then run `flameup-sync resync`."));
        assertThat(tab.text("#remedy"))
                .isEqualTo("Stop other, run flameup-sync setup Copy Then run flameup-sync resync Copy");
    }

    @Test
    void axis_hasOneUnit() {
        show(Statuses::inStep);
        assertThat(modules("m.durationMarks([0, 30, 60, 90, 120, 150, 180])"))
                .isEqualTo("0 s,30 s,60 s,90 s,120 s,150 s,180 s");
        assertThat(modules("m.durationMarks([0, 60, 120])")).isEqualTo("0 min,1 min,2 min");
        assertThat(modules("m.durationMarks([0, 21600, 43200, 64800, 86400])")).isEqualTo("0 h,6 h,12 h,18 h,24 h");
        assertThat(modules("m.bytesMarks([0, 536870912, 1073741824])")).isEqualTo("0 GB,0.5 GB,1 GB");
        assertThat(modules("m.bytesMarks([0, 512, 1023])")).isEqualTo("0 B,512 B,1,023 B");
    }

    private String modules(String expression) {
        return tab.eval("import('/format.js').then(m => String(" + expression + "))")
                .asText();
    }

    @Test
    void events_areListed_newestFirst() {
        show(Statuses::inStep);
        assertThat(tab.eval("[...document.querySelectorAll('#events-table td')].map(cell => cell.textContent)"))
                .extracting(JsonNode::asText)
                .containsExactly(
                        "Resumed",
                        "Halted: Flameup refuses with status 401",
                        "Outage ended",
                        "Outage began: Flameup: it answers with status 503",
                        "Backfill ended: 1 (first load)",
                        "Started: run, version 0.2.0");
    }

    @Test
    void timeWithoutProcess_isAGap() throws IOException {
        show(Statuses::inStep);
        assertThat(gaps()).isZero();
        history.set(Statuses::interrupted);
        assertThat(gaps()).isOne();
        show(Statuses::inStep);
        tab.screenshot(SHOTS.resolve("interrupted-light-1280.png"));
    }

    /** The number of breaks in the line of a chart. */
    private int gaps() {
        return tab.eval("(async () => { const { Charts } = await import('/charts.js');"
                        + " const { samples } = await (await fetch('/api/history')).json();"
                        + " const charts = new Charts(document.createElement('div'), document.createElement('tbody'));"
                        + " charts.show(samples, new Date().toISOString());"
                        + " return charts.plots[2].data[1].filter(value => value === null).length; })()")
                .asInt();
    }

    @Test
    void page_namesHostVersionAndDocuments() throws IOException {
        show(Statuses::inStep);
        assertThat(tab.text("header")).contains("flameup-sync 0.2.0 on sync-1");
        assertThat(tab.eval("Promise.all([...document.querySelectorAll('#documents a')].map(link => fetch(link.href)"
                        + ".then(answer => answer.status + ' ' + answer.headers.get('content-type'))))"))
                .extracting(JsonNode::asText)
                .hasSize(3)
                .containsOnly("200 text/plain; charset=utf-8");
    }

    @Test
    void page_followsStateChanges() {
        show(Statuses::inStep);
        assertThat(sign()).isEqualTo("ok");
        tab.eval("window.stayed = true");

        state.set(Statuses::halted);
        reads("#headline", "Action needed: token refused at");
        assertThat(sign()).isEqualTo("bad");
        assertThat(tab.eval("document.getElementById('announcement').innerText").asText())
                .startsWith("Action needed: token refused at")
                .endsWith("run flameup-sync doctor --config /etc/flameup-sync/flameup-sync.yaml");

        state.set(Statuses::inStep);
        reads("#headline", "In step.");
        assertThat(tab.text("#remedy")).isEmpty();
        assertThat(tab.eval("window.stayed").asBoolean())
                .as("without loading the page again")
                .isTrue();
    }

    @Test
    void changedFigures_areNotAnnounced() {
        show(Statuses::behind);
        tab.eval(
                "new MutationObserver(() => window.spoken = true)"
                        + ".observe(document.getElementById('announcement'), {childList: true, subtree: true, characterData: true})");
        state.set(at -> Statuses.behind(at, 7_200));
        reads("#headline", "Behind by 2 h.");
        assertThat(tab.eval("window.spoken === true").asBoolean()).isFalse();
    }

    @Test
    void lostSidecar_isShown_untilItIsBack() throws IOException {
        show(Statuses::inStep);
        int port = URI.create(server.url()).getPort();
        server.close();
        reads("#headline", "No answer from the sidecar since ");
        assertThat(tab.eval("document.title").asText()).isEqualTo("? No answer – app.public.users on sync-1");
        assertThat(sign()).isEqualTo("gone");
        assertThat(tab.text("#pulse")).startsWith("Retrying every");
        assertThat(tab.eval("getComputedStyle(document.getElementById('figures')).filter")
                        .asText())
                .as("the figures are grey")
                .isEqualTo("grayscale(1)");
        tab.screenshot(SHOTS.resolve("gone-light-1280.png"));
        assertThat(violations()).isEmpty();

        server = serve(port);
        reads("#headline", "In step.");
        assertThat(tab.eval("getComputedStyle(document.getElementById('figures')).filter")
                        .asText())
                .isEqualTo("none");
    }

    @Test
    void page_isUsableByKeyboard() {
        show(Statuses::halted);
        tab.press("Tab");
        assertThat(focused()).isEqualTo("Skip to content");
        assertThat(tab.eval("getComputedStyle(document.activeElement).outlineStyle")
                        .asText())
                .as("the focus is seen")
                .isEqualTo("solid");
        tab.press("Tab");
        assertThat(focused()).isEqualTo("Copy");
        tab.press("Enter");
        reads("#remedy button", "ed");
        assertThat(tab.eval("getSelection().toString()").asText())
                .isEqualTo("flameup-sync doctor --config /etc/flameup-sync/flameup-sync.yaml");
        tab.press("Tab");
        tab.press("Enter");
        reads("#history", "Requests per minute");
    }

    @Test
    void lastHour_isDrawnAndSummarized() {
        show(Statuses::inStep);
        assertThat(tab.eval("document.querySelectorAll('.plot canvas').length").asInt())
                .isEqualTo(4);
        assertThat(tab.eval("[...document.querySelectorAll('.plot')].map(plot => plot.getAttribute('aria-label'))"))
                .extracting(JsonNode::asText)
                .satisfiesExactly(
                        lag -> assertThat(lag).startsWith("Lag, the last hour. Last 0 s, at most 5 min"),
                        wal -> assertThat(wal).startsWith("Retained WAL, the last hour. Last 48 MB, at most 1"),
                        delivered -> assertThat(delivered).startsWith("Delivered per second, the last hour. Last "),
                        requests -> assertThat(requests).contains("at most 120"));
        assertThat(tab.eval("document.querySelectorAll('#history tbody tr').length")
                        .asInt())
                .isBetween(12, 13);
    }

    @Test
    void times_areInTheViewersZone() {
        tab.call("Emulation.setTimezoneOverride", Map.of("timezoneId", "Asia/Tokyo"));
        show(Statuses::outage);
        JsonNode shown = tab.eval("(() => { const time = document.querySelector('#lag-more time');"
                + " return {text: time.textContent, title: time.title, at: time.dateTime}; })()");
        Instant at = Instant.parse(shown.get("at").asText());
        assertThat(shown.get("title").asText())
                .endsWith(" UTC")
                .startsWith(at.toString().substring(0, 10));
        assertThat(shown.get("text").asText())
                .endsWith(at.atZone(ZoneId.of("Asia/Tokyo"))
                        .toLocalTime()
                        .toString()
                        .substring(0, 5));
    }

    @Test
    void reducedMotion_hasNoTransitions() {
        tab.prefers("prefers-reduced-motion", "reduce");
        show(Statuses::inStep);
        assertThat(tab.eval("getComputedStyle(document.getElementById('verdict')).transitionDuration")
                        .asText())
                .isEqualTo("0s");
    }

    @Test
    void texts_areNotRenderedAsHtml() {
        state.set(at -> Statuses.halted(at, "<img src=x onerror=alert(1)>", "<b>bold</b>"));
        tab.go(server.url());
        reads("#headline", "Action needed: <img src=x onerror=alert(1)> at");
        reads("#remedy", "<b>bold</b>");
    }

    private void show(Function<Instant, Status> now) {
        state.set(now);
        tab.go(server.url());
        Eventually.within(30, "the page has its figures and charts", () -> tab.eval(
                        "document.querySelectorAll('.plot canvas').length === 4")
                .asBoolean());
    }

    private void reads(String selector, String part) {
        Eventually.within(
                30, selector + " reads " + part, () -> tab.text(selector).contains(part));
    }

    /** Waits for two frames, in which sizes are observed and charts drawn. */
    private void settle() {
        tab.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))");
    }

    private String focused() {
        return tab.eval("document.activeElement.innerText").asText();
    }

    /** The name of the picture in the tab and next to the headline. */
    private String sign() {
        Eventually.within(10, "the sign is drawn", () -> tab.eval(
                        "(() => { const sign = document.getElementById('sign'); return sign.complete && sign.naturalWidth > 0; })()")
                .asBoolean());
        List<String> shown = List.of("document.getElementById('icon').href", "document.getElementById('sign').src");
        List<String> names = shown.stream()
                .map(picture -> tab.eval("decodeURIComponent(" + picture + ")").asText())
                .flatMap(svg -> COLOURS.keySet().stream().filter(svg::contains).map(COLOURS::get))
                .distinct()
                .toList();
        return String.join(" ", names);
    }

    private List<String> violations() throws IOException {
        if (!tab.eval("typeof axe === 'object'").asBoolean()) {
            tab.eval(axe());
        }
        JsonNode found = tab.eval(
                "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations"
                        + ".map(rule => rule.id + ': ' + rule.nodes.map(node => node.html + ' ' + node.failureSummary).join('; ')))");
        return StreamSupport.stream(found.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static String axe() throws IOException {
        try (InputStream in =
                PageIT.class.getResourceAsStream("/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static final class NoMetrics implements Exposition {
        @Override
        public String contentType(@Nullable String accept) {
            return "text/plain";
        }

        @Override
        public void write(@Nullable String accept, OutputStream out) {}
    }
}
