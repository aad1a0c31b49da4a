package ai.flameup.sync.doctor;

import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.doctor.postgres.DoctorInput;
import ai.flameup.sync.doctor.postgres.KnownStore;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StoreContents;
import java.util.List;
import java.util.Optional;

/** Checks the store against the configuration. What it contains of the server is checked with the server. For one thread. */
final class StoreCheck implements Check {
    private static final String NAME = "store";

    private final DoctorInput subject;
    private final boolean held;
    private Optional<StoreContents> seen = Optional.empty();

    StoreCheck(DoctorInput subject, boolean held) {
        this.subject = subject;
        this.held = held;
    }

    /** Returns the contents of the store; call this after {@link #findings}. */
    KnownStore known() {
        return new KnownStore(seen, held);
    }

    @Override
    public List<Finding> findings() {
        seen = StateStore.inspect(subject.sidecar().stateDirectory(), held);
        if (seen.isEmpty()) {
            return List.of(Finding.ok(NAME, "there is none yet: the first run creates it"));
        }
        StoreContents store = seen.get();
        store.identity().ifPresent(stored -> stored.check(configured(stored)));
        String version = store.version() == store.newest()
                ? "version %s".formatted(store.version())
                : "version %s, which the next run copies and migrates to version %s"
                        .formatted(store.version(), store.newest());
        return List.of(Finding.ok(
                NAME,
                version
                        + store.position()
                                .map(position -> ", everything up to position %s is settled".formatted(position))
                                .orElse(", no run has started yet")));
    }

    private Identity configured(Identity stored) {
        return new Identity(
                stored.server(),
                stored.database(),
                subject.postgres().tableName(),
                subject.postgres().slot(),
                new Identity.Destination(
                        subject.flameup().baseUrl().toString(),
                        subject.flameup().workspace(),
                        subject.mapping().userId()));
    }
}
