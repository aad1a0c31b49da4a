package ai.flameup.sync.doctor;

import ai.flameup.sync.doctor.finding.Checklist;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.doctor.finding.Report;
import ai.flameup.sync.doctor.postgres.Continuity;
import ai.flameup.sync.doctor.postgres.DoctorInput;
import ai.flameup.sync.doctor.postgres.PostgresExamination;
import ai.flameup.sync.source.Database;
import java.util.List;

/**
 * Checks everything that a run relies on. It does not stop at the first problem: checks that a problem prevents are
 * skipped. Changes nothing anywhere. Stateless.
 */
public final class Examination {
    private Examination() {}

    /** @param continuity whether the stream continues from what the store has */
    public static Report of(DoctorInput subject, Continuity continuity) throws InterruptedException {
        DoctorInput.ConfigurationFile file = subject.configuration();
        DoctorInput.Sidecar sidecar = subject.sidecar();
        Checklist checks = new Checklist(subject.command("resync"));
        checks.run("configuration", () -> List.of(Finding.ok("configuration", file.path() + " is valid")));
        checks.run("secrets", new SecretsCheck(file.path(), file.secrets()));
        StateDirectoryCheck directory = new StateDirectoryCheck(sidecar.stateDirectory());
        boolean usable = checks.run("state directory", directory);
        boolean held = directory.holder().isPresent();
        StoreCheck store = new StoreCheck(subject, held);
        if (usable) {
            checks.run("store", store);
        } else {
            checks.skip("store: the state directory cannot be used");
        }
        try (Database database = Database.readOnly(subject.postgres())) {
            new PostgresExamination(subject, database, store.known(), continuity, checks).run();
        }
        checks.run("api", new ApiCheck(subject.flameup(), sidecar.version(), subject.command("try") + " --id ID"));
        checks.run("status port", new PortCheck(sidecar.listen(), directory.holder()));
        checks.run(RunCheck.NAME, new RunCheck(sidecar.stateDirectory(), directory.holder()));
        return checks.report();
    }
}
