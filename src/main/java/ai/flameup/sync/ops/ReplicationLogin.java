package ai.flameup.sync.ops;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.PostgresSettings;
import java.util.Optional;
import java.util.function.Consumer;

/** The sidecar's own login for replication, tried before anything is made that is of no use without it. */
final class ReplicationLogin {
    private final PostgresSettings postgres;

    ReplicationLogin(PostgresSettings postgres) {
        this.postgres = postgres;
    }

    /**
     * @throws Fault 3 where a pooler answers; the role itself may not be there yet
     */
    void demandNoPooler() {
        tried().filter(PostgresFailures::isOfPooler).ifPresent(fault -> {
            throw fault;
        });
    }

    /**
     * @param told takes why it could not be tried, where that is: an administrator's machine may be let in where the
     *     sidecar's is, or not
     * @throws Fault 3 where the server refuses it
     */
    void demandWhatCanBeTried(Consumer<String> told) {
        Optional<Fault> found = tried();
        if (found.isEmpty()) {
            return;
        }
        Fault fault = found.get();
        if (PostgresFailures.mayNotReplicate(fault) || PostgresFailures.isOfPooler(fault)) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "%s; the slot was not made: run setup again then".formatted(fault.getMessage()),
                    fault.getCause());
        }
        told.accept("attention: the login of role %s for replication could not be tried from here: %s"
                .formatted(postgres.username(), fault.getMessage()));
    }

    private Optional<Fault> tried() {
        try (Database own = new Database(postgres)) {
            own.reachForReplication();
            return Optional.empty();
        } catch (Fault fault) {
            return Optional.of(fault);
        }
    }
}
