package ai.flameup.sync.source.stream;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.source.stream.ChangeStream.StreamFailure;
import java.time.format.DateTimeParseException;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Failures are recognized by SQLSTATE and routine, because messages are localized. */
class StreamFailureTest {
    private static StreamFailure failure(String severity, String code, String message, String... more) {
        return new StreamFailure(new IllegalStateException(
                "the engine failed",
                new PSQLException(new ServerErrorMessage(
                        "S%s\0C%s\0M%s\0%s".formatted(severity, code, message, String.join("", more))))));
    }

    @Test
    void missingObjectInGerman_isRecognizedByItsCode() {
        StreamFailure failure = failure("FEHLER", "42704", "Publikation »fs« existiert nicht");

        assertThat(failure.isPublicationMissing()).isTrue();
    }

    /** The message quotes a value of the table. */
    @Test
    void failureOfContent_isReportedWithoutItsMessage() {
        StreamFailure failure = new StreamFailure(new IllegalStateException(
                "12:34", new DateTimeParseException("Text '12:34' could not be parsed", "12:34", 0)));

        assertThat(failure.isUnreadable()).isTrue();
        assertThat(failure.reason()).isEqualTo("DateTimeParseException");
    }

    @Test
    void missingObject_ofTheRoutineThatFindsPublications_isThePublication() {
        assertThat(failure("FEHLER", "42704", "Publikation »fs« existiert nicht", "Rget_publication_oid\0")
                        .isPublicationMissing())
                .isTrue();
    }

    @Test
    void otherMissingObject_isNotThePublication() {
        assertThat(failure("ERROR", "42704", "type \"x\" does not exist", "RtypenameType\0")
                        .isPublicationMissing())
                .isFalse();
    }

    @Test
    void otherFailureWithTheMessageOfAMissingPublication_isNotThePublication() {
        assertThat(failure("ERROR", "XX000", "publication \"x\" does not exist").isPublicationMissing())
                .isFalse();
    }
}
