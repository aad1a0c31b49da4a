package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.state.StateStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deferred changes of rows with primary keys of several shapes. */
class DeferredKeysIT {
    private static final int IMPORTED = 9_500;

    private static Fixture fixture() {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        // Nearly nothing is sent until the budget is gone.
        fixture.standIn().budget(5, Duration.ofMinutes(5));
        return fixture;
    }

    private static String imported(String values) {
        return "INSERT INTO public.accounts SELECT %s, 'user ' || i, 'user' || i || '@example.com', 'N', 'free' FROM generate_series(1, %d) i"
                .formatted(values, IMPORTED);
    }

    private static void awaitDeferred(Fixture fixture) {
        Eventually.within(60, "deferred changes", () -> {
            try (StateStore store = StateStore.openShared(fixture.stateDirectory())) {
                return store.deferredChanges().summary().keys() > IMPORTED - 1_000;
            }
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "id uuid; id; id; md5(i::text)::uuid; id = md5('other')::uuid",
                "\"The \"\"Key\"\"\" text; \"The \"\"Key\"\"\"; The \"Key\"; 'it''s \"' || i || ' 😀'; \"The \"\"Key\"\"\" = E'a\\\\b'",
                "a text, \"B\" bigint, c uuid; \"B\", a, c; login; (ARRAY['', ' ', 'Zoë'])[i % 3 + 1], -i, md5(i::text)::uuid; a = 'other', \"B\" = 0",
            })
    void keyOfAnyShape_isDeferred(String columns, String key, String userId, String values, String other)
            throws Exception {
        try (Fixture fixture = fixture()) {
            OtherTable accounts = OtherTable.of(fixture, "accounts", userId, "email", "name", "plan");
            accounts.configure(
                    before -> before.replace("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n"));
            fixture.execute(
                    "CREATE TABLE public.accounts (%s, login text UNIQUE, email text, name text, plan text, PRIMARY KEY (%s))"
                            .formatted(columns, key));
            SyncProcess process = fixture.fork("run");
            fixture.awaitStreaming();
            fixture.execute(imported(values));
            awaitDeferred(fixture);

            // when rows change whose changes are deferred
            fixture.execute(
                    "UPDATE public.accounts SET plan = 'pro' WHERE login = 'user 9000'",
                    "UPDATE public.accounts SET %s WHERE login = 'user 9050'".formatted(other),
                    "UPDATE public.accounts SET email = NULL WHERE login = 'user 9100'",
                    "UPDATE public.accounts SET email = 'user9100@example.com' WHERE login = 'user 9200'",
                    "DELETE FROM public.accounts WHERE login = 'user 9300'",
                    "CREATE TABLE public.kept AS SELECT * FROM public.accounts WHERE login = 'user 9400'",
                    "DELETE FROM public.accounts WHERE login = 'user 9400'",
                    "INSERT INTO public.accounts SELECT * FROM public.kept");
            process.kill9();

            // then the next process sends all rows as they are
            fixture.standIn().noBudget();
            fixture.catchUp();
            accounts.assertPersons("login <> 'user 9300'");
        }
    }

    /** The keys in the store are those of the former primary key. */
    @Test
    void otherPrimaryKey_whileChangesAreDeferred_losesNothing() throws Exception {
        try (Fixture fixture = fixture()) {
            OtherTable accounts = OtherTable.of(fixture, "accounts", "login", "email", "name", "plan");
            accounts.configure(
                    before -> before.replace("  workspace: demo\n", "  workspace: demo\n  request-timeout: 2s\n"));
            fixture.execute(
                    "CREATE TABLE public.accounts (a bigint PRIMARY KEY, b uuid NOT NULL, login text UNIQUE, email text, name text, plan text)");
            SyncProcess process = fixture.run();
            fixture.awaitStreaming();
            fixture.execute(imported("i, md5(i::text)::uuid"));
            awaitDeferred(fixture);
            process.term();
            process.awaitExit(Duration.ofSeconds(60));

            fixture.execute(
                    "ALTER TABLE public.accounts DROP CONSTRAINT accounts_pkey, ADD PRIMARY KEY (b)",
                    "UPDATE public.accounts SET plan = 'pro' WHERE a = 9000");
            fixture.standIn().noBudget();
            SyncProcess.Result result = fixture.catchUp();

            accounts.assertPersons();
            assertThat(result.err()).contains("because deferred keys were dropped");
        }
    }
}
