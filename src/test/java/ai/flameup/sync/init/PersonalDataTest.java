package ai.flameup.sync.init;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Column;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersonalDataTest {
    private static boolean suggests(String name, String type) {
        return PersonalData.suggest(new Column(name, type, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip",
                "last_sign_in_ip",
                "currentSignInIp",
                "ip_address",
                "ipAddress",
                "remote_addr",
                "user_agent",
                "device_id",
                "birth_date",
                "dateOfBirth",
                "dob",
                "birthday",
                "gender",
                "address",
                "address1",
                "address_line_2",
                "homeAddress",
                "street",
                "zip",
                "postal_code",
                "postcode",
                "latitude",
                "lng",
                "nationality",
                "salary",
                "religion",
                "medical_notes"
            })
    void suggest_personalName_isTrue(String name) {
        assertThat(suggests(name, "text")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id",
                "email",
                "email_address",
                "emailAddress",
                "plan",
                "score",
                "created_at",
                "city",
                "country",
                "company",
                "zipped",
                "ship_date",
                "trips",
                "tip",
                "language",
                "age_group",
                "stage",
                "platform",
                "macro",
                "sign_in_count",
                "last_seen_at",
                "health_score",
                "orders_count",
                "role",
                ""
            })
    void suggest_otherName_isFalse(String name) {
        assertThat(suggests(name, "text")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"inet", "cidr", "macaddr"})
    void suggest_typeOfNetworkAddress_isTrue(String type) {
        assertThat(suggests("origin", type)).isTrue();
    }
}
