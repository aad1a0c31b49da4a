package ai.flameup.sync.it;

import org.junit.jupiter.api.Test;

/** The documented configuration works as printed. */
class ConfigurationIT {
    /** To YAML 1.1 an off without quotes is a boolean. */
    @Test
    void off_unquoted_isAccepted() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 3);
            fixture.configure("listen: \"off\"", "listen: off");

            fixture.catchUp();

            fixture.assertConverged();
        }
    }
}
