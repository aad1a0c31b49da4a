package ai.flameup.sync.source.ddl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.source.TableColumns;
import ai.flameup.sync.source.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnershipCommentTest {
    private static final String ODD = "a\"), \"b; elsewhere: SELECT (\"x\") ON";

    private static final OtherGrants OTHERS = new OtherGrants(
            List.of("billing", ODD),
            List.of(
                    new TableColumns(new TableName("billing", ODD), List.of("plan", ODD)),
                    new TableColumns(new TableName(ODD, "t.u"), List.of("x"))));

    @Test
    void comment_survivesText() {
        for (OwnershipComment comment : List.of(
                OwnershipComment.of(""),
                new OwnershipComment("r", List.of("CONNECT", "USAGE"), List.of(), OtherGrants.NONE),
                new OwnershipComment("r", List.of(), List.of("id", "e, \"m"), OtherGrants.NONE),
                new OwnershipComment("r", List.of("CONNECT"), List.of("id"), OtherGrants.NONE),
                new OwnershipComment("r", List.of("CONNECT"), List.of("id"), OTHERS),
                new OwnershipComment("r\"", List.of(), List.of(), OTHERS))) {
            assertThat(OwnershipComment.parse(comment.text())).contains(comment);
            assertThat(OwnershipComment.parse(comment.text() + OwnershipComment.SLOT + "0/12AB"))
                    .contains(comment);
        }
    }

    @Test
    void comments_areMerged() {
        OwnershipComment one = new OwnershipComment(
                "r",
                List.of(),
                List.of("id"),
                new OtherGrants(List.of(), List.of(new TableColumns(new TableName("s", "t"), List.of("b")))));
        OwnershipComment other = new OwnershipComment(
                "r",
                List.of("USAGE"),
                List.of(),
                new OtherGrants(List.of("s"), List.of(new TableColumns(new TableName("s", "t"), List.of("a")))));
        assertThat(one.and(other))
                .isEqualTo(new OwnershipComment(
                        "r",
                        List.of("USAGE"),
                        List.of("id"),
                        new OtherGrants(
                                List.of("s"), List.of(new TableColumns(new TableName("s", "t"), List.of("a", "b"))))));
    }
}
