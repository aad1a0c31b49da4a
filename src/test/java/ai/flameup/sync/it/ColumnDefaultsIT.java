package ai.flameup.sync.it;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debezium parses the defaults of columns by their types, although nothing needs them. */
class ColumnDefaultsIT {
    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void columnsWithDefaults_areStreamedAndRead(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    "CREATE SEQUENCE public.ids",
                    "ALTER TABLE public.users ALTER id DROP IDENTITY",
                    "ALTER TABLE public.users ALTER id SET DEFAULT nextval('public.ids'), ALTER email SET DEFAULT '',"
                            + " ALTER first_name SET DEFAULT 'x', ALTER score SET DEFAULT 0,"
                            + " ALTER balance SET DEFAULT 0.00, ALTER external_ref SET DEFAULT gen_random_uuid(),"
                            + " ADD date_off date NOT NULL DEFAULT '2026-02-01', ADD rate real DEFAULT 0.1,"
                            + " ADD seen timestamp DEFAULT '2026-01-01 10:00', ADD at time DEFAULT '10:00'");
            fixture.insertUsers(1, 5);
            fixture.catchUp();
            fixture.assertConverged();

            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");
            fixture.execute(
                    "ALTER TABLE public.users ALTER is_active SET DEFAULT false, ALTER created_at SET DEFAULT now()",
                    "UPDATE public.users SET phone = '2', is_active = NOT is_active");
            fixture.awaitConverged(30);
            run.term();
            run.awaitExit(Duration.ofSeconds(20));
        }
    }
}
