package ai.flameup.sync.state.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Hashes email addresses to numbers, which are stored and compared instead of the addresses. Addresses that differ only
 * in case or in surrounding blanks have the same number. Others collide once in billions of pairs. They are then treated
 * as the same address, which costs some waiting and no correctness. Immutable, may be shared between threads.
 */
public final class AddressHash {
    private static final String ALGORITHM = "HmacSHA256";

    /** A Mac is for one thread, and its lookup costs more than its use. */
    private final ThreadLocal<Mac> macs;

    /** @param key the secret of the store: the numbers of two stores cannot be compared */
    AddressHash(byte[] key) {
        SecretKeySpec secret = new SecretKeySpec(key, ALGORITHM);
        this.macs = ThreadLocal.withInitial(() -> mac(secret));
    }

    /** @param email any text, not only a valid address */
    public long of(String email) {
        String compared = email.strip().toLowerCase(Locale.ROOT);
        byte[] hash = macs.get().doFinal(compared.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(hash).getLong();
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("invalid key for " + ALGORITHM, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
