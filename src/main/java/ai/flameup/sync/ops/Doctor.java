package ai.flameup.sync.ops;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.doctor.Examination;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.doctor.finding.Report;
import ai.flameup.sync.doctor.postgres.DoctorInput;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StoreContents;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Examines everything that the configuration names. Stateless. */
public final class Doctor {
    private Doctor() {}

    /** @param given as for {@link SettingsFile#load} */
    public static Report examine(@Nullable Path given, Map<String, String> environment) throws InterruptedException {
        DoctorInput subject;
        try {
            subject = subject(given, environment);
        } catch (Fault broken) {
            return new Report(
                    Finding.failed("configuration", broken), List.of("everything else: fix the configuration first"));
        }
        return Examination.of(subject, Doctor::requireContinued);
    }

    private static void requireContinued(StoreContents store, Database database, Slot slot, boolean free) {
        SlotGuard guard = SlotGuard.forCommand(database, slot, () -> SlotGuard.Known.of(store), () -> store.position()
                .orElseThrow());
        guard.requireServer();
        if (free) {
            guard.requireWal();
        }
    }

    private static DoctorInput subject(@Nullable Path given, Map<String, String> environment) {
        Settings settings = SettingsFile.load(given, environment);
        Path file = SettingsFile.find(given, environment);
        return new DoctorInput(
                new DoctorInput.ConfigurationFile(
                        file, settings.origin().named() != null, SettingsFile.secretsIn(file)),
                settings.postgres(),
                settings.flameup(),
                settings.mapping(),
                new DoctorInput.Sidecar(
                        settings.stateDirectory(),
                        settings.maxRetainedWal(),
                        settings.observe().listen(),
                        Version.current()));
    }
}
