package ai.flameup.sync.doctor;

import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.StoreLook;
import java.util.List;
import java.util.Optional;

/** The store, against the configuration: what it says of the server is looked at where the server is. For one thread. */
final class StoreCheck implements Check {
    private static final String NAME = "store";

    private final Subject subject;
    private final boolean held;
    private Optional<StoreLook> seen = Optional.empty();

    StoreCheck(Subject subject, boolean held) {
        this.subject = subject;
        this.held = held;
    }

    /** What it says, after {@link #look}; empty where there is no store that can be used. */
    Optional<StoreLook> seen() {
        return seen;
    }

    @Override
    public List<Finding> look() {
        seen = StoreLook.at(subject.stateDirectory(), held);
        if (seen.isEmpty()) {
            return List.of(Finding.ok(NAME, "there is none yet; the first run makes it"));
        }
        StoreLook store = seen.get();
        store.identity().ifPresent(stored -> stored.check(configured(stored)));
        String version = store.version() == store.newest()
                ? "version %s".formatted(store.version())
                : "version %s, of which the next run keeps a copy and makes version %s"
                        .formatted(store.version(), store.newest());
        return List.of(Finding.ok(
                NAME,
                version
                        + store.position()
                                .map(position -> ", everything up to %s is settled".formatted(position))
                                .orElse(", nothing has begun yet")));
    }

    private Identity configured(Identity stored) {
        return new Identity(
                stored.systemIdentifier(),
                stored.timeline(),
                stored.database(),
                subject.postgres().tableName(),
                subject.postgres().slot(),
                subject.flameup().baseUrl().toString(),
                subject.flameup().workspace(),
                subject.mapping().userId());
    }
}
