package ai.flameup.sync.source.slot;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicationVersionTest {
    private static PublicationVersion version(String alteredBy, String owner, @Nullable String ownedBy) {
        return new PublicationVersion("16400", "16401", alteredBy, owner, ownedBy);
    }

    @Test
    void unaltered_continues() {
        PublicationVersion version = version("700", "10", null);
        assertThat(version.continues(version.text())).isTrue();
        assertThat(version.continues("16400/700/16401"))
                .as("of an older version")
                .isTrue();
        assertThat(new PublicationVersion("16400", "0", "700", "10", null).continues("16400/700"))
                .as("of an older version, for all tables")
                .isTrue();
    }

    @Test
    void changedOwnerAlone_continues() {
        assertThat(version("705", "99", "705").continues("16400/700/16401/10")).isTrue();
        assertThat(version("705", "99", "705").continues("16400/700/16401")).isTrue();
        assertThat(version("705", "10", null).continues("16400/700/16401/99"))
                .as("to a role of the server's own")
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "16400/700/16401/99",
                "16400/700/16401/10",
                "16400/700/16401",
                "16400/705/16409/99",
                "16400/705/0/99",
                "16409/705/16401/99",
                "changes were missed",
                "",
            })
    void alteredAfterTheOwnerChanged_doesNotContinue(String former) {
        assertThat(version("705", "99", "690").continues(former)).isFalse();
    }

    @Test
    void alteredWithTheSameOwner_doesNotContinue() {
        assertThat(version("705", "10", null).continues("16400/700/16401/10")).isFalse();
        assertThat(version("705", "10", null).continues("16400/700/16401")).isFalse();
    }
}
