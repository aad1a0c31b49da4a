package ai.flameup.sync.status;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.source.PostgresSettings;

/** Source and destination as the status shows them, without credentials. Stateless. */
final class Routes {
    private Routes() {}

    static Status.Route of(Settings settings) {
        return new Status.Route(
                source(settings.postgres()),
                "workspace %s at %s"
                        .formatted(
                                settings.flameup().workspace(),
                                settings.flameup().baseUrl()));
    }

    /** {@code host:port/database.schema.table}. */
    static String source(PostgresSettings postgres) {
        return postgres.address() + "." + postgres.tableName();
    }
}
