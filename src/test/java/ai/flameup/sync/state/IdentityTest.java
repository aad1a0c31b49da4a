package ai.flameup.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import org.junit.jupiter.api.Test;

class IdentityTest {
    private static final Identity STORED = new Identity(
            new Identity.Server("7", 1),
            "app",
            "public.users",
            "sync",
            new Identity.Destination("https://api.flameup.ai", "acme", "id"));

    @Test
    void sameIdentity_isAccepted() {
        assertThatCode(() -> STORED.check(new Identity(
                        new Identity.Server("7", 1),
                        "app",
                        "public.users",
                        "sync",
                        new Identity.Destination("https://api.flameup.ai", "acme", "id"))))
                .doesNotThrowAnyException();
    }

    @Test
    void otherDestination_isUsageError() {
        Fault fault = refused(new Identity(
                new Identity.Server("7", 1),
                "app",
                "public.users",
                "sync",
                new Identity.Destination("https://b.example", "beta", "uuid")));

        assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(fault.problems()).hasSize(3);
        assertThat(fault.problems().get(0)).contains("base-url", "https://api.flameup.ai", "https://b.example");
        assertThat(fault.problems().get(1)).contains("workspace", "acme", "beta");
        assertThat(fault.problems().get(2)).contains("user-id", "id", "uuid");
    }

    @Test
    void otherSource_isPossibleGap() {
        Fault fault = refused(new Identity(
                new Identity.Server("8", 2),
                "app2",
                "users",
                "s2",
                new Identity.Destination("https://api.flameup.ai", "acme", "id")));

        assertThat(fault.exitCode()).isEqualTo(ExitCode.GAP);
        assertThat(fault.problems()).hasSize(5).allSatisfy(problem -> assertThat(problem)
                .contains("resync"));
    }

    @Test
    void allDifferences_areReportedTogether() {
        Fault fault = refused(new Identity(
                new Identity.Server("8", 1),
                "app",
                "public.users",
                "sync",
                new Identity.Destination("https://x.example", "acme", "id")));

        assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(fault.problems()).hasSize(2);
    }

    @Test
    void checkDestination_acceptsOtherSourceOnly() {
        assertThatCode(() -> STORED.checkDestination(new Identity(
                        new Identity.Server("8", 2),
                        "app2",
                        "users",
                        "s2",
                        new Identity.Destination("https://api.flameup.ai", "acme", "id"))))
                .doesNotThrowAnyException();
        Identity other = new Identity(
                new Identity.Server("7", 1),
                "app",
                "public.users",
                "sync",
                new Identity.Destination("https://api.flameup.ai", "acme", "uuid"));
        Fault fault = catchThrowableOfType(Fault.class, () -> STORED.checkDestination(other));
        assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(fault.problems()).hasSize(1);
    }

    @Test
    void promotedServer_isSameSource() {
        assertThat(STORED.onServer(new Identity.Server("7", 2)).source()).isEqualTo(STORED.source());
        assertThat(STORED.onServer(new Identity.Server("8", 1)).source()).isNotEqualTo(STORED.source());
    }

    private static Fault refused(Identity actual) {
        return catchThrowableOfType(Fault.class, () -> STORED.check(actual));
    }
}
