package ai.flameup.sync.doctor;

import ai.flameup.sync.source.Database;
import java.util.List;

/**
 * Looks at everything that a run relies on, and never stops at the first problem: what cannot be looked at because of one
 * is passed over. Changes nothing anywhere. Stateless.
 */
public final class Examination {
    private Examination() {}

    /** @param continuity whether the server goes on from what the store has */
    public static Report of(Subject subject, Continuity continuity) throws InterruptedException {
        Looks looks = new Looks(subject.command("resync"));
        looks.look("configuration", () -> List.of(Finding.ok("configuration", subject.configuration() + " is right")));
        looks.look("secrets", new SecretsCheck(subject.configuration(), subject.secrets()));
        StateDirectoryCheck directory = new StateDirectoryCheck(subject.stateDirectory());
        boolean usable = looks.look("state directory", directory);
        boolean held = directory.holder().isPresent();
        StoreCheck store = new StoreCheck(subject, held);
        if (usable) {
            looks.look("store", store);
        } else {
            looks.passOver("store: the state directory cannot be used");
        }
        try (Database database = Database.readOnly(subject.postgres())) {
            new PostgresExamination(subject, database, store.seen(), held, continuity, looks).look();
        }
        looks.look("api", new ApiCheck(subject.flameup(), subject.version(), subject.command("try") + " --id ID"));
        looks.look("status port", new PortCheck(subject.listen(), directory.holder()));
        looks.look(RunCheck.NAME, new RunCheck(subject.stateDirectory(), directory.holder()));
        return looks.report();
    }
}
