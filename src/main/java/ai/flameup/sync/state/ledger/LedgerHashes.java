package ai.flameup.sync.state.ledger;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.StateHashes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.IdentityHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Hashes addresses and states with the secret of a store: the hashes of two stores cannot be compared. For one thread. */
public final class LedgerHashes {
    private static final String ALGORITHM = "HmacSHA256";

    private final AddressHash addresses;
    private final byte[] secret;
    /** By the name of the trait, which is one object for all states of a mapping. */
    private final IdentityHashMap<String, SipHash> traits = new IdentityHashMap<>();

    public LedgerHashes(byte[] secret) {
        this.addresses = new AddressHash(secret);
        this.secret = secret.clone();
    }

    /** Returns the number of a person. */
    public long ofPerson(String userId) {
        return hashFor("").of(userId.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the number of an address. */
    public long ofAddress(String email) {
        return addresses.of(email);
    }

    /** Returns the hashes of what the state carries. */
    public int[] of(PersonUpsert state) {
        return StateHashes.of(state, (name, value) -> hashFor(name).of(value));
    }

    private SipHash hashFor(String trait) {
        SipHash hash = traits.get(trait);
        if (hash == null) {
            ByteBuffer key = ByteBuffer.wrap(derived("trait " + trait));
            hash = new SipHash(key.getLong(), key.getLong());
            traits.put(trait, hash);
        }
        return hash;
    }

    private byte[] derived(String purpose) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
