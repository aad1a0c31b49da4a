package ai.flameup.sync.init;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.mapping.MappingSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "Password",
                "PASSWORD",
                "password_digest",
                "encrypted_password",
                "passwd",
                "pwd",
                "userPwd",
                "pass",
                "passphrase",
                "passwort",
                "hash",
                "pw_hash",
                "passwordHash",
                "hashed_email",
                "salt",
                "Salt2",
                "token",
                "tokens",
                "accessToken",
                "remember-token",
                "api_token_v2",
                "secret",
                "client_secret",
                "secrets",
                "ssn",
                "userSSN",
                "SSN",
                "otp",
                "otp_seed",
                "OTPCode",
                "totp",
                "mfa",
                "2fa",
                "pin",
                "PIN",
                "cvv",
                "cvc2",
                "iban",
                "apikey",
                "api_key",
                "API key",
                "apiKey",
                "private_key",
                "ssh_key",
                "license_key",
                "recovery_codes",
                "backup_code",
                "verificationCode",
                "session_id",
                "session_key",
                "security_answer",
                "credit_card",
                "card_number",
                "passport_no",
                "national_id",
                "tax_id",
                "jwt",
                "nonce",
                "digest",
                "bcrypt",
                "credentials"
            })
    void suggest_secretName_isTrue(String name) {
        assertThat(SecretNames.suggest(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id", "email", "plan", "score", "created_at", "pinned", "shipping_city", "hashtag", "secretary",
                "compass", "passenger", "basalt", "opt_in", "photo", "company", "spin_count", "crypto_wallet",
                        "country",
                "organization_id", "session_count", "zip", "key_account", "", " ", "ünï"
            })
    void suggest_otherName_isFalse(String name) {
        assertThat(SecretNames.suggest(name)).isFalse();
    }

    @Test
    void suggest_documentedTrait_isFalse() {
        assertThat(MappingSettings.DOCUMENTED_TRAITS).noneMatch(SecretNames::suggest);
    }
}
