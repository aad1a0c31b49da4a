package ai.flameup.sync.it;

import static ai.flameup.sync.it.Subscriptions.watched;
import static ai.flameup.sync.it.WatchedSetupIT.configure;
import static ai.flameup.sync.it.WatchedSetupIT.site;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A role that may not read the watched table. */
class WatchedRightsIT {
    /** The expression reads the table with the rights of a function's owner. */
    private static SetupSite siteWithoutRights(int version) throws SQLException {
        SetupSite site = site(version);
        site.fixture.execute(
                "CREATE FUNCTION public.plan_of(who bigint) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER"
                        + " AS 'SELECT plan FROM billing.subscriptions WHERE user_id = who'");
        configure(site, all -> watched().apply(all).replaceFirst("sql: \".*\"", "sql: \"public.plan_of(users.id)\""));
        return site;
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void schemaOfWatchedTable_mayBeUsed(int version) throws Exception {
        try (SetupSite site = siteWithoutRights(version)) {
            String before = site.traces();
            assertThat(site.done(site.asAdmin("setup")).out())
                    .contains("granted USAGE on schema billing")
                    .doesNotContain("on billing.subscriptions");
            site.done(site.asAdmin("teardown", "--yes"));
            assertThat(site.traces()).isEqualTo(before);

            String script = site.done(site.asAdmin("setup", "--print-sql")).out();
            assertThat(script).contains("GRANT USAGE ON SCHEMA \"billing\"");
            site.execute(script);
            assertThat(site.done(site.asAdmin("setup")).out()).doesNotContain("granted");
            site.execute(site.done(site.run("teardown", "--print-sql")).out());
            assertThat(site.traces()).isEqualTo(before);

            site.fixture.execute("CREATE ROLE " + site.role + " LOGIN");
            before = site.traces();
            site.done(site.asAdmin("setup"));
            assertThat(site.done(site.asAdmin("teardown", "--yes")).out()).contains("USAGE on schema billing");
            assertThat(site.traces()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PostgresServer.OLDEST, PostgresServer.NEWEST})
    void roleWithoutUsage_followsWatchedTable(int version) throws Exception {
        try (SetupSite site = siteWithoutRights(version)) {
            Fixture fixture = site.fixture;
            fixture.execute(Subscriptions.FULL);
            fixture.insertUsers(1, 2);
            site.done(site.asAdmin("setup"));
            fixture.execute("REVOKE USAGE ON SCHEMA billing FROM " + site.role);
            fixture.catchUp();
            fixture.execute("INSERT INTO billing.subscriptions VALUES (1, 1, 'gold', '')");
            fixture.catchUp();
            assertThat(fixture.standIn().persons()).anySatisfy(person -> assertThat(
                            String.valueOf(person.traits().get("current_plan")))
                    .contains("gold"));
            assertThat(site.run("doctor").out()).doesNotContain("permission denied");
        }
    }
}
