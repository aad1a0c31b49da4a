package ai.flameup.sync.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

class PostgresUrlTest {
    @ParameterizedTest
    @CsvSource({
        "postgres://db/app, jdbc:postgresql://db:5432/app",
        "postgresql://db:5433/app, jdbc:postgresql://db:5433/app",
        "jdbc:postgresql://db:5433/app, jdbc:postgresql://db:5433/app",
        "postgres:///app, jdbc:postgresql://localhost:5432/app",
        "postgres://[::1]/app, jdbc:postgresql://[::1]:5432/app",
        "'postgres://a,b:5433/app', 'jdbc:postgresql://a:5432,b:5433/app'",
        "'jdbc:postgresql://[::1]:5433,b/app?targetServerType=primary',"
                + " 'jdbc:postgresql://[::1]:5433,b:5432/app?targetServerType=primary'",
        "postgres://me:secret@db/app?sslmode=require, jdbc:postgresql://db:5432/app?sslmode=require",
        "jdbc:postgresql://db/app?user=me&password=secret&ssl=true, jdbc:postgresql://db:5432/app?ssl=true",
        "postgres://db/app?sslmode=require&channel_binding=require&connect_timeout=5,"
                + " jdbc:postgresql://db:5432/app?sslmode=require&channelBinding=require&connectTimeout=5",
        "postgres://db/my%20app%40x?options=-c%20a%3Db+c, jdbc:postgresql://db:5432/my+app%40x?options=-c+a%3Db%2Bc",
        "jdbc:postgresql://db/a+b, jdbc:postgresql://db:5432/a+b",
        "postgres://db/a+b, jdbc:postgresql://db:5432/a%2Bb",
        "postgres://db/app?target_session_attrs=any&application_name=x, jdbc:postgresql://db:5432/app"
    })
    void url_becomesAUrlForTheDriver(String given, String jdbc) {
        assertThat(PostgresUrl.parse(given).jdbc()).isEqualTo(jdbc);
        assertThat(Driver.parseURL(jdbc, new Properties())).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "postgres://me:secret@db/app, me, secret",
        "postgres://me@db/app, me,",
        "postgres://:secret@db/app,, secret",
        "postgres://m%40e:s%3A%2F%3F%25+@db/app, m@e, s:/?%+",
        "postgres://me@corp:p@ss:w#rd@db/app, me@corp, p@ss:w#rd",
        "postgres://db/app?user=me&password=a%26b, me, a&b",
        "jdbc:postgresql://db/app?user=me&password=a+b%2B, me, a b+",
        "jdbc:postgresql://me:secret@db/app, me, secret",
        "postgres://db/app,,"
    })
    void url_containsUserAndPassword(String given, String user, String password) {
        PostgresUrl url = PostgresUrl.parse(given);
        assertThat(url.username()).isEqualTo(user);
        assertThat(url.password()).isEqualTo(password);
        assertThat(url.source()).startsWith("db/");
        assertThat(url.jdbc()).doesNotContain("secret", "me@", "user", "password");
        assertThat(url.toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hunter2",
                "mysql://u:hunter2@db/app",
                "postgres://u:hunter2@db",
                "postgres://u:hunter2@db/",
                "postgres://u:1/hunter2@db/app",
                "postgres://u:1?hunter2@db/app",
                "postgres://u:hunter2@db:0/app",
                "postgres://u:hunter2@db:70000/app",
                "postgres://u:hunter2@db:x/app",
                "postgres://u:hunter2@a,:x/app",
                "postgres://u:hunter2%@db/app",
                "postgres://u:hunter2@%2Frun/app",
                "postgres:///app?host=/run&password=hunter2",
                "postgres://db/app?sslpassword=hunter2",
                "postgres://u:hunter2@db/app/more"
            })
    void invalidUrl_isRejectedWithoutQuotingIt(String given) {
        Fault fault = assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> PostgresUrl.parse(given))
                .actual();
        assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(fault.getMessage()).startsWith("--url ").doesNotContain("hunter2");
    }

    @Test
    void unknownParameters_areListed() {
        PostgresUrl url = PostgresUrl.parse("postgres://db/app?schema=x&pgbouncer=true&PGHOST=other&sslmode=require");
        assertThat(url.unknown()).containsExactly("schema", "pgbouncer", "PGHOST");
        assertThat(url.jdbc()).isEqualTo("jdbc:postgresql://db:5432/app?sslmode=require");
    }

    @ParameterizedTest
    @CsvSource({
        "'jdbc:postgresql://a:5432,b:5433/app?x=y', 'a,b/app', true",
        "'jdbc:postgresql://[::1]:5433/app', '[::1]/app', false",
        "'jdbc:postgresql://[::1]/app', '[::1]/app', false",
        "'jdbc:postgresql://db/a%2Cb', 'db/a,b', false"
    })
    void settings_nameSourceAndServers(String jdbc, String source, boolean several) {
        PostgresSettings settings = new PostgresSettings(
                new PostgresSettings.Login(jdbc, "me", () -> ""), "public", "users", "slot", "publication");
        assertThat(settings.source()).isEqualTo(source);
        assertThat(settings.hasSeveralHosts()).isEqualTo(several);
        assertThat(PostgresUrl.parse(jdbc).source()).isEqualTo(source);
        assertThat(PostgresUrl.problemOf(jdbc)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db:x/hunter2",
                "jdbc:postgresql://db:70000/hunter2",
                "jdbc:postgresql://db/hunter2%",
                "jdbc:postgresql://a:1,b:x/hunter2"
            })
    void urlThatTheDriverRejects_isAProblemOfTheConfiguration(String jdbc) {
        assertThat(PostgresUrl.problemOf(jdbc))
                .hasValueSatisfying(problem -> assertThat(problem).doesNotContain("hunter2"));
    }
}
