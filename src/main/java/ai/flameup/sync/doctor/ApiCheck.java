package ai.flameup.sync.doctor;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.delivery.Quota;
import ai.flameup.sync.delivery.Searched;
import ai.flameup.sync.fault.ExitCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** What one search, which changes nothing, tells of the API and of our standing there. */
record ApiCheck(FlameupSettings settings, String version, String tryOne) implements Check {
    private static final String API = "api";
    private static final String TOKEN = "token";
    private static final String WORKSPACE = "workspace";
    private static final String PERMISSIONS = "permissions";
    private static final String BUDGET = "budget";
    /** Nobody's id. */
    private static final String SOMEBODY = "flameup-sync-doctor";

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int MOST_WORDS = 200;

    @Override
    public List<Finding> look() throws InterruptedException {
        Searched searched = search();
        List<Finding> findings = new ArrayList<>(standing(searched.outcome()));
        if (searched.quota() != null
                && findings.stream().noneMatch(finding -> finding.name().equals(BUDGET))) {
            findings.add(budget(searched.quota()));
        }
        if (searched.date() != null) {
            findings.add(Clocks.compared("api clock", Instant.now(), searched.date()));
        }
        return findings;
    }

    private Searched search() throws InterruptedException {
        CompletableFuture<Searched> answer = new CompletableFuture<>();
        try (PeopleApi api = new PeopleApi(settings, version)) {
            // It ends within its own time-out.
            api.search(SOMEBODY, answer::complete);
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Finding> standing(Outcome outcome) {
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
                Finding.ok(TOKEN, "accepted, " + environment()),
                Finding.ok(WORKSPACE, settings.workspace()),
                Finding.ok(
                        PERMISSIONS,
                        "people:read is there; people:write cannot be known without writing, which `%s` does"
                                .formatted(tryOne)));
    }

    /** A status such as 405 may come from something before the API that never looked at the token. */
    private List<Finding> unknown(int status) {
        String message = "cannot be known: the search is answered with status %s".formatted(status);
        return List.of(
                reached(),
                Finding.warning(TOKEN, message + ", which does not say whether the token was checked", tryOne),
                Finding.warning(PERMISSIONS, message, tryOne));
    }

    private Finding reached() {
        return Finding.ok(
                API,
                settings.baseUrl()
                        + (settings.baseUrl().getScheme().equals("https")
                                ? " answers over TLS"
                                : " answers, without TLS"));
    }

    private String environment() {
        String token = settings.token().get();
        return token.startsWith("ws_live_")
                ? "for the live environment"
                : token.startsWith("ws_test_")
                        ? "for the test environment"
                        : "and which environment it is for cannot be told from it";
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
                            BUDGET, "spent (429), so the token could not be looked at: look again in a minute", null));
        }
        return List.of(Finding.failed(
                ExitCode.FLAMEUP,
                API,
                "%s fails with status %s (%s): a run tries again by itself until it is back"
                        .formatted(settings.baseUrl(), failed.status(), words(failed.reason())),
                null));
    }

    private List<Finding> refused(Outcome.Refused refused) {
        String words = "status %s: %s".formatted(refused.status(), words(refused.reason()));
        if (refused.status() < UNAUTHORIZED) {
            return List.of(refused(
                    API,
                    "a redirect, which is not followed (%s)".formatted(words),
                    "put the right address into flameup.base-url"));
        }
        return List.of(
                reached(),
                switch (refused.status()) {
                    case UNAUTHORIZED ->
                        refused(
                                TOKEN,
                                "refused (%s)".formatted(words),
                                "put a key of workspace %s into flameup.token or the token file"
                                        .formatted(settings.workspace()));
                    case FORBIDDEN ->
                        refused(
                                PERMISSIONS,
                                "the key may not search in workspace %s (%s)".formatted(settings.workspace(), words),
                                "give the key people:read and people:write at Flameup, or name its own workspace in flameup.workspace");
                    default ->
                        refused(
                                WORKSPACE,
                                "%s is not known there (%s)".formatted(settings.workspace(), words),
                                "put the key's workspace into flameup.workspace, and check flameup.base-url");
                });
    }

    private static Finding refused(String name, String message, String remedy) {
        return Finding.failed(ExitCode.REFUSED, name, message, remedy);
    }

    private static Finding budget(Quota quota) {
        String message = "%s of %s requests are left until %s"
                .formatted(quota.remaining(), quota.limit(), Instant.ofEpochSecond(quota.resetsAt()));
        return Finding.ok(BUDGET, message);
    }

    private static String words(String reason) {
        String line = reason.replaceAll("\\s+", " ");
        return line.length() > MOST_WORDS ? line.substring(0, MOST_WORDS) + " ..." : line;
    }
}
