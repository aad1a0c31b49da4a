package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.ExpressionCheck;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the message about a refused expression says, and with which exit code. */
class ExpressionRefusalIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String KEY = "mapping.traits.one";
    private static final String REJECTS = KEY + ": Postgres rejects the expression";

    private static Fault refusal(Fixture fixture, String role, String sql) {
        PostgresServer server = fixture.server();
        PostgresSettings settings = new PostgresSettings(
                new PostgresSettings.Login(server.jdbcUrl(fixture.database()), role, server::password),
                "public",
                "users",
                fixture.slot(),
                fixture.slot());
        try (Database database = new Database(settings)) {
            return catchThrowableOfType(Fault.class, () -> ExpressionCheck.of(database, Map.of(KEY, sql)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void denied_namesSetup_ifSetupGrantsIt(int version) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(version))) {
            fixture.execute(
                    "CREATE SCHEMA closed",
                    "CREATE TABLE closed.plans (plan text)",
                    "CREATE TABLE public.plans (plan text)",
                    "CREATE VIEW public.plans_view AS SELECT * FROM public.plans",
                    "CREATE SEQUENCE public.visits",
                    "CREATE FUNCTION public.label() RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
                    "REVOKE EXECUTE ON FUNCTION public.label() FROM PUBLIC");
            String role = "reader_" + fixture.database();
            fixture.execute("CREATE ROLE " + role + " LOGIN", "GRANT SELECT (id, email) ON public.users TO " + role);
            try {
                for (String sql : new String[] {
                    "phone",
                    "(SELECT max(plan) FROM public.plans)",
                    "(SELECT max(plan) FROM public.plans_view)",
                    "(SELECT max(plan) FROM closed.plans)"
                }) {
                    Fault fault = refusal(fixture, role, sql);
                    assertThat(fault.exitCode()).isEqualTo(ExitCode.POSTGRES);
                    assertThat(fault)
                            .hasMessageStartingWith(REJECTS + ": permission denied for ")
                            .hasMessageEndingWith("; run `flameup-sync setup`, which grants what expressions read");
                }
                assertThat(refusal(fixture, role, "label()"))
                        .hasMessage(REJECTS + ": permission denied for function label");
            } finally {
                fixture.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
            }
        }
    }

    @Test
    void constantThatFails_failsForEveryRow() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            Fault fault = refusal(fixture, fixture.server().username(), "1/0");

            assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(fault).hasMessage(REJECTS + " for every row: division by zero");
        }
    }

    /** The server closes the connection of a statement with a parameter but no value. */
    @ParameterizedTest
    @ValueSource(strings = {"preview", "doctor", "run", "setup"})
    void parameter_isRefused(String command) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure("    plan: plan\n", "    plan: {sql: \"concat('$2', $1)\"}\n");

            SyncProcess.Result result = fixture.start(command).awaitExit(LIMIT);

            assertThat(result.exitCode()).as("%s", result).isEqualTo(2);
            assertThat(result.toString())
                    .contains("mapping.traits.plan", "must not contain a parameter such as $1")
                    .doesNotContain("I/O error");
        }
    }
}
