package ai.flameup.sync.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.TableDescription;
import ai.flameup.sync.source.catalog.TableDescription.Constraint;
import ai.flameup.sync.source.catalog.TableDescription.Facts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MappingProposalTest {
    private static final PostgresSettings POSTGRES = new PostgresSettings(
            new PostgresSettings.Login("jdbc:postgresql://db:5432/app", "reader", () -> ""),
            "public",
            "users",
            "s",
            "p");

    private final List<Facts> columns = new ArrayList<>();

    private void column(String name) {
        column(name, "text", false, true, false);
    }

    private void unique(String name) {
        column(name, "text", false, true, true);
    }

    private void column(String name, String type, boolean generated, boolean readable, boolean unique) {
        columns.add(new Facts(
                new Column(name, type, 0),
                type.equals("text"),
                generated,
                readable,
                unique ? Constraint.UNIQUE : Constraint.NONE));
    }

    private void marker(String name, String type, Constraint constraint) {
        columns.add(new Facts(new Column(name, type, 0), false, false, true, constraint));
    }

    private MappingProposal keyed(String... key) {
        return MappingProposal.of(new TableDescription(columns, List.of(key)), POSTGRES);
    }

    private Fault refused(String... key) {
        return assertThatExceptionOfType(Fault.class)
                .isThrownBy(() -> keyed(key))
                .actual();
    }

    private static ProposedTrait mapped(String column) {
        return new ProposedTrait(column, null);
    }

    @Test
    void userId_primaryKeyOfOneColumn() {
        column("name");
        unique("uuid");
        unique("no");

        MappingProposal proposal = keyed("no");

        assertThat(proposal.userId().column()).isEqualTo("no");
        assertThat(proposal.userId().why()).isEqualTo("the primary key");
        assertThat(proposal.userId().others()).containsExactly("uuid");
        assertThat(proposal.traits()).containsExactly(mapped("name"), mapped("uuid"));
    }

    @Test
    void userId_keyOfTwoColumns_isTheLikeliestUniqueColumn() {
        column("tenant");
        column("no");
        unique("email");
        unique("handle");
        unique("External_ID");
        unique("user_id");

        MappingProposal proposal = keyed("tenant", "no");

        assertThat(proposal.userId().column()).isEqualTo("user_id");
        assertThat(proposal.userId().why()).contains("2 columns (tenant, no)");
        assertThat(proposal.userId().others()).containsExactly("External_ID", "handle", "email");
    }

    @Test
    void userId_keyOfTwoColumnsWithoutUniqueColumn_isRefusedWithRemedy() {
        column("tenant");
        column("no");
        unique("api_token");

        Fault fault = refused("tenant", "no");

        assertThat(fault.exitCode()).isEqualTo(ExitCode.POSTGRES);
        assertThat(fault.getMessage())
                .contains("2 columns (tenant, no)", "ALTER TABLE \"public\".\"users\" ADD UNIQUE");
    }

    @Test
    void userId_isNeverASecret() {
        unique("ssn");
        unique("uuid");

        assertThat(keyed("ssn").userId().column()).isEqualTo("uuid");
        assertThat(keyed("ssn").userId().why()).contains("ssn", "secret");

        columns.remove(1);
        assertThat(refused("ssn").getMessage()).contains("ssn").contains("secret");
    }

    @Test
    void email_isTheColumnWithSuchAName() {
        unique("id");
        column("mail");
        column("E_Mail");
        column("email_address");
        assertThat(keyed("id").email()).isEqualTo("E_Mail");
        columns.remove(2);
        assertThat(keyed("id").email()).isEqualTo("mail");
        columns.remove(1);
        assertThat(keyed("id").email()).isEqualTo("email_address");
        columns.remove(1);
        assertThat(keyed("id").email()).isNull();
    }

    @Test
    void email_isNeitherAFlagNorUnreadable() {
        unique("id");
        column("email", "boolean", false, true, false);
        assertThat(keyed("id").email()).isNull();
        columns.remove(1);
        column("email", "text", true, true, false);
        assertThat(keyed("id").email()).isNull();
        columns.remove(1);
        column("email", "text", false, false, false);
        assertThat(keyed("id").email()).isNull();
        assertThat(keyed("id").traits())
                .containsExactly(new ProposedTrait("email", "role reader has no right to read it"));
    }

    @Test
    void traits_documentedOnesComeFirst() {
        unique("id");
        column("plan");
        column("locale");
        column("email");
        column("first_name");
        column("age");

        assertThat(keyed("id").traits())
                .containsExactly(mapped("first_name"), mapped("locale"), mapped("plan"), mapped("age"));
    }

    @Test
    void traits_leftOut_haveAReason() {
        unique("id");
        column("password_hash");
        column("full_name", "text", true, true, false);
        column("notes", "text", false, false, false);

        assertThat(keyed("id").traits())
                .extracting(ProposedTrait::leftOut)
                .containsExactly(
                        "its name suggests a secret",
                        "it is generated: the stream does not contain it, so the row of every change would be read again",
                        "role reader has no right to read it");
    }

    /** Setup grants what the configuration names. */
    @Test
    void roleWithoutGrants_getsAFullProposal() {
        column("id", "bigint", false, false, true);
        column("email", "text", false, false, false);
        column("plan", "text", false, false, false);

        assertThat(keyed("id").email()).isEqualTo("email");
        assertThat(keyed("id").traits()).containsExactly(mapped("plan"));
    }

    private @Nullable String where(String name, String type, Constraint constraint) {
        columns.clear();
        unique("id");
        marker(name, type, constraint);
        MappingProposal proposal = keyed("id");
        assertThat(proposal.traits()).singleElement().satisfies(trait -> assertThat(trait.leftOut())
                .isEqualTo(proposal.where() == null ? null : "where uses it"));
        return proposal.where();
    }

    @Test
    void where_timeOfSoftDelete_isNull() {
        for (String name : List.of("deleted_at", "deleted_on", "archived_at", "removed_at", "discarded_at")) {
            assertThat(where(name, "timestamp with time zone", Constraint.NONE)).isEqualTo(name + " IS NULL");
        }
        assertThat(where("deleted_on", "date", Constraint.NONE)).isEqualTo("deleted_on IS NULL");
        assertThat(where("deletedAt", "timestamp(3) without time zone", Constraint.NONE))
                .isEqualTo("\"deletedAt\" IS NULL");
    }

    @Test
    void where_flag_isNotTrue() {
        for (String name : List.of("is_test", "is_deleted", "deleted", "test_account", "is_test_user", "archived")) {
            assertThat(where(name, "boolean", Constraint.NONE)).isEqualTo(name + " IS NOT TRUE");
            assertThat(where(name, "boolean", Constraint.NOT_NULL)).isEqualTo("NOT " + name);
        }
        assertThat(where("isTest", "boolean", Constraint.NOT_NULL)).isEqualTo("NOT \"isTest\"");
    }

    @Test
    void where_otherColumn_isNotUsed() {
        assertThat(where("removed_at", "timestamp with time zone", Constraint.NOT_NULL))
                .isNull();
        assertThat(where("is_test", "text", Constraint.NONE)).isNull();
        assertThat(where("is_active", "boolean", Constraint.NOT_NULL)).isNull();
        assertThat(where("is_internal", "boolean", Constraint.NOT_NULL)).isNull();
        assertThat(where("test_group", "boolean", Constraint.NOT_NULL)).isNull();
        assertThat(where("deleted_count", "integer", Constraint.NONE)).isNull();
    }

    @Test
    void where_twoColumns_areJoined() {
        unique("id");
        marker("is_test", "boolean", Constraint.NOT_NULL);
        marker("deleted_at", "timestamp with time zone", Constraint.NONE);

        assertThat(keyed("id").where()).isEqualTo("NOT is_test AND deleted_at IS NULL");
    }

    @Test
    void where_unreadableColumn_isNotUsed() {
        unique("id");
        column("is_test", "boolean", false, false, false);

        assertThat(keyed("id").where()).isNull();
        assertThat(keyed("id").traits())
                .containsExactly(new ProposedTrait("is_test", "role reader has no right to read it"));
    }

    /** A trait of this name and on-delete: mark are refused together. */
    @Test
    void deletedAt_isNeverATrait() {
        unique("id");
        marker("deleted_at", "timestamp with time zone", Constraint.NOT_NULL);

        assertThat(keyed("id").where()).isNull();
        assertThat(keyed("id").traits())
                .containsExactly(new ProposedTrait(
                        "deleted_at", "on-delete: mark sets a trait of this name, see deleted-trait"));
    }

    @Test
    void json_isLeftOutWithAnExample() {
        unique("id");
        column("settings", "jsonb", false, true, false);
        column("appPrefs", "json", false, true, false);
        column("events", "jsonb[]", false, true, false);
        column("secrets", "jsonb", false, true, false);

        assertThat(keyed("id").traits())
                .extracting(ProposedTrait::example)
                .containsExactly("settings->>'theme'", "\"appPrefs\"->>'theme'", null, null);
        assertThat(keyed("id").traits()).extracting(ProposedTrait::leftOut).doesNotContainNull();
    }

    @Test
    void columnWithoutUse_isLeftOut() {
        unique("id");
        column("picture", "bytea", false, true, false);
        column("search", "tsvector", false, true, false);
        column("updated_at", "timestamp with time zone", false, true, false);
        column("lock_version", "integer", false, true, false);

        assertThat(keyed("id").traits()).extracting(ProposedTrait::leftOut).doesNotContainNull();
    }
}
