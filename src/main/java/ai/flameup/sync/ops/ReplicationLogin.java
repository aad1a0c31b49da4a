package ai.flameup.sync.ops;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.PostgresSettings;
import java.util.Optional;
import java.util.function.Consumer;

/** Tests the sidecar's replication login before setup creates objects that are useless without it. */
final class ReplicationLogin {
    private final PostgresSettings postgres;

    ReplicationLogin(PostgresSettings postgres) {
        this.postgres = postgres;
    }

    /**
     * Requires that the server, and no pooler, answers. The role may not exist yet.
     *
     * @throws Fault 3 if a pooler answers
     */
    void requireNoPooler() {
        failure().filter(PostgresFailures::isOfPooler).ifPresent(fault -> {
            throw fault;
        });
    }

    /**
     * Requires that the server does not refuse the login.
     *
     * @param report takes a warning if the login could not be tested: the server may admit the sidecar's machine, and
     *     not the administrator's
     * @throws Fault 3 if the server refuses the login
     */
    void requireAccepted(Consumer<String> report) {
        Optional<Fault> found = failure();
        if (found.isEmpty()) {
            return;
        }
        Fault fault = found.get();
        if (PostgresFailures.isPrivilegeMissing(fault) || PostgresFailures.isOfPooler(fault)) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "%s. The slot was not created: run setup again after the fix".formatted(fault.getMessage()),
                    fault.getCause());
        }
        report.accept("warning: the replication login of role %s could not be tested from here: %s"
                .formatted(postgres.username(), fault.getMessage()));
    }

    private Optional<Fault> failure() {
        try (Database own = new Database(postgres)) {
            own.reachForReplication();
            return Optional.empty();
        } catch (Fault fault) {
            return Optional.of(fault);
        }
    }
}
