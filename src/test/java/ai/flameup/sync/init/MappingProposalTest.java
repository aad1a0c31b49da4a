package ai.flameup.sync.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.init.MappingProposal.ProposedTrait;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.catalog.TableDescription;
import ai.flameup.sync.source.catalog.TableDescription.Facts;
import java.util.ArrayList;
import java.util.List;
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
        columns.add(new Facts(new Column(name, type, 0), type.equals("text"), generated, readable, unique));
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

        assertThat(proposal.userId()).isEqualTo("no");
        assertThat(proposal.why()).isEqualTo("the primary key");
        assertThat(proposal.others()).containsExactly("uuid");
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

        assertThat(proposal.userId()).isEqualTo("user_id");
        assertThat(proposal.why()).contains("2 columns (tenant, no)");
        assertThat(proposal.others()).containsExactly("External_ID", "handle", "email");
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

        assertThat(keyed("ssn").userId()).isEqualTo("uuid");
        assertThat(keyed("ssn").why()).contains("ssn", "secret");

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
}
