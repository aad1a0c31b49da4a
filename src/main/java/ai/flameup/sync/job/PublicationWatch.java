package ai.flameup.sync.job;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StateStore;

/**
 * Checks during a run that the publication is still the one that the stream comes through, and that it has contained the watched
 * tables all the time. For the clock's thread.
 */
final class PublicationWatch {
    private final Slot slot;
    private final StateStore store;
    private final SlotGuard guard;
    private final Settings settings;
    private String version;

    /** @param store has the version of the publication */
    PublicationWatch(Slot slot, StateStore store, SlotGuard guard, Settings settings) {
        this.slot = slot;
        this.store = store;
        this.guard = guard;
        this.settings = settings;
        this.version = store.publication().orElseThrow();
    }

    /** @throws Fault as {@code PublicationGuard.watch}; a gap is stored, because a later check may find nothing wrong */
    void check() {
        try {
            String now = slot.publication().watch(version).text();
            if (!now.equals(version)) {
                store.publication(now);
                version = now;
            }
            if (!settings.mapping().watch().isEmpty()) {
                MappingChange.record(settings.mapping(), slot.publication().entries(), store, settings.firstLoad());
            }
        } catch (Fault fault) {
            throw fault.exitCode() == ExitCode.GAP ? guard.kept(fault) : fault;
        }
    }
}
