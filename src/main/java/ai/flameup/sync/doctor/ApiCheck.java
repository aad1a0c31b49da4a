package ai.flameup.sync.doctor;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.delivery.SearchResult;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Clocks;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Checks the API, the token and its permissions with one search, which changes nothing. */
record ApiCheck(FlameupSettings settings, String version, String tryOne) implements Check {
    private static final String API = "api";
    private static final String TOKEN = "token";
    private static final String WORKSPACE = "workspace";
    private static final String PERMISSIONS = "permissions";
    private static final String BUDGET = "budget";
    /** A user id that no person has. */
    private static final String UNUSED_ID = "flameup-sync-doctor";

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int MAX_REASON_CHARS = 200;

    @Override
    public List<Finding> findings() throws InterruptedException {
        SearchResult searched = search();
        List<Finding> findings = new ArrayList<>(access(searched.outcome()));
        if (searched.quota() != null
                && findings.stream().noneMatch(finding -> finding.name().equals(BUDGET))) {
            findings.add(budget(searched.quota()));
        }
        if (searched.date() != null) {
            findings.add(Clocks.compared("api clock", Instant.now(), searched.date()));
        }
        return findings;
    }

    private SearchResult search() throws InterruptedException {
        CompletableFuture<SearchResult> answer = new CompletableFuture<>();
        try (PeopleApi api = new PeopleApi(settings, version)) {
            // It ends within its own time-out.
            api.search(UNUSED_ID, answer::complete);
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Finding> access(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed(failed);
        }
        if (outcome instanceof Outcome.Refused refused) {
            return refused(refused);
        }
        if (outcome instanceof Outcome.Rejected rejected) {
            return unknown(rejected.status());
        }
        return List.of(
                reached(),
                Finding.ok(TOKEN, "accepted" + environment()),
                Finding.ok(WORKSPACE, settings.workspace()),
                Finding.ok(
                        PERMISSIONS,
                        "people:read is granted; people:write cannot be checked without writing: run `%s`"
                                .formatted(tryOne)));
    }

    /** A status such as 405 may come from a gateway in front of the API that never checked the token. */
    private List<Finding> unknown(int status) {
        String message = "unknown: the search was answered with status %s".formatted(status);
        return List.of(
                reached(),
                Finding.warning(TOKEN, message + ", which does not show whether the token was checked", tryOne),
                Finding.warning(PERMISSIONS, message, tryOne));
    }

    private Finding reached() {
        return Finding.ok(
                API,
                settings.baseUrl()
                        + (settings.baseUrl().getScheme().equals("https")
                                ? " responds over TLS"
                                : " responds, without TLS"));
    }

    private String environment() {
        String token = settings.token().get();
        return token.startsWith("ws_live_")
                ? ", for the live environment"
                : token.startsWith("ws_test_")
                        ? ", for the test environment"
                        : "; its form does not show the environment";
    }

    private List<Finding> failed(Outcome.Failed failed) {
        if (failed.status() == 0) {
            return Finding.failed(
                    ExitCode.FLAMEUP, API, List.of("%s: %s".formatted(settings.baseUrl(), failed.reason())));
        }
        if (failed.status() == TOO_MANY_REQUESTS) {
            return List.of(
                    reached(),
                    Finding.warning(
                            BUDGET,
                            "spent (status 429), so the token could not be checked",
                            "run doctor again in a minute"));
        }
        return List.of(Finding.failed(
                ExitCode.FLAMEUP,
                API,
                "%s responds with status %s (%s)"
                        .formatted(settings.baseUrl(), failed.status(), shortened(failed.reason())),
                "wait: a run retries until the API recovers"));
    }

    private List<Finding> refused(Outcome.Refused refused) {
        String answer = "status %s: %s".formatted(refused.status(), shortened(refused.reason()));
        if (refused.status() < UNAUTHORIZED) {
            return List.of(refused(
                    API,
                    "%s redirects the request, which is not followed (%s)".formatted(settings.baseUrl(), answer),
                    "set flameup.base-url to the address of the API"));
        }
        return List.of(
                reached(),
                switch (refused.status()) {
                    case UNAUTHORIZED ->
                        refused(
                                TOKEN,
                                "refused (%s)".formatted(answer),
                                "store a key of workspace %s in flameup.token or in the token file"
                                        .formatted(settings.workspace()));
                    case FORBIDDEN ->
                        refused(
                                PERMISSIONS,
                                "the key is not permitted to search in workspace %s (%s)"
                                        .formatted(settings.workspace(), answer),
                                "grant the key people:read and people:write in Flameup, or set flameup.workspace to the workspace of the key");
                    default ->
                        refused(
                                WORKSPACE,
                                "the API does not know workspace %s (%s)".formatted(settings.workspace(), answer),
                                "set flameup.workspace to the workspace of the key, and check flameup.base-url");
                });
    }

    private static Finding refused(String name, String message, String remedy) {
        return Finding.failed(ExitCode.REFUSED, name, message, remedy);
    }

    private static Finding budget(RateLimit quota) {
        String message = "%s of %s requests are left until %s"
                .formatted(quota.remaining(), quota.limit(), Instant.ofEpochSecond(quota.resetsAt()));
        return Finding.ok(BUDGET, message);
    }

    private static String shortened(String reason) {
        String line = reason.replaceAll("\\s+", " ");
        return line.length() > MAX_REASON_CHARS ? line.substring(0, MAX_REASON_CHARS) + " ..." : line;
    }
}
