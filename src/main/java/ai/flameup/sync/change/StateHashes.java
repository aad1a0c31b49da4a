package ai.flameup.sync.change;

import java.util.ArrayList;
import java.util.List;

/**
 * The hashes by which two states of a person are compared: one of 32 bits for the email address and for each trait, and one
 * for all traits together. 0 stands for a trait that a state does not carry or whose value is unknown.
 *
 * <p>A change of a trait goes unnoticed once in 2<sup>32</sup> changes if the state leaves a trait out, and once in
 * 2<sup>64</sup> otherwise.
 *
 * <p>The order: all traits, email, then each trait in the order of the mapping. If the mapping changes, the hashes differ,
 * because each includes the name of its trait.
 */
public final class StateHashes {
    private static final int ALL = 0;
    private static final int EMAIL = 1;
    private static final int FIRST_TRAIT = 2;

    /** In place of the hash of all traits, which is another one for every other state, except once in 2<sup>32</sup>. */
    private static final int DELETED = 2;

    private StateHashes() {}

    /** Hashes a text with a key. Called with a name and a value; the name is the same object for each state. */
    @FunctionalInterface
    public interface KeyedHash {
        long of(String name, byte[] value);
    }

    /** Returns the hashes of what a state carries. */
    public static int[] of(PersonUpsert state, KeyedHash hash) {
        int[] hashes = new int[FIRST_TRAIT + state.traitCount()];
        byte[] email = state.emailBytes();
        hashes[EMAIL] = email == null ? 0 : nonZero((int) hash.of("", email));
        boolean carriesAll = true;
        int all = 0;
        for (int i = 0; i < state.traitCount(); i++) {
            byte[] value = state.trait(i);
            if (value == null) {
                carriesAll = false;
            } else {
                long one = hash.of(state.traitName(i), value);
                hashes[FIRST_TRAIT + i] = nonZero((int) one);
                all = 31 * all + (int) (one >>> 32);
            }
        }
        hashes[ALL] = carriesAll ? nonZero(all) : 0;
        return hashes;
    }

    private static int nonZero(int hash) {
        return hash == 0 ? 1 : hash;
    }

    /** Whether everything that a state carries is known to be at Flameup. */
    public static boolean cover(int[] known, int[] carried) {
        if (known.length != carried.length) {
            return false;
        }
        for (int i = EMAIL; i < known.length; i++) {
            if (carried[i] != 0 && carried[i] != known[i]) {
                return false;
            }
        }
        return known[ALL] == 0 || carried[ALL] == 0 || known[ALL] == carried[ALL];
    }

    /**
     * Returns what a state carries and the person does not have: the names of traits, and {@code email}. Empty if only the hash
     * of all traits differs, or if the mapping has changed.
     */
    public static List<String> differences(int[] known, int[] carried, PersonUpsert state) {
        List<String> names = new ArrayList<>();
        for (int i = EMAIL; i < carried.length && known.length == carried.length; i++) {
            if (carried[i] != 0 && carried[i] != known[i]) {
                names.add(i == EMAIL ? "email" : state.traitName(i - FIRST_TRAIT));
            }
        }
        return names;
    }

    /** Returns the hashes of a state that marks a person as deleted. */
    public static int[] ofDeletion(int[] carried) {
        int[] hashes = carried.clone();
        hashes[ALL] = DELETED;
        return hashes;
    }

    /** Whether the person was marked as deleted, by this mapping or an earlier one. */
    public static boolean isDeleted(int[] known) {
        return known.length > 0 && known[ALL] == DELETED;
    }

    /** Returns the hashes of the person at Flameup after a state was accepted. */
    static int[] merge(int[] known, int[] carried) {
        if (known.length != carried.length) {
            return carried;
        }
        int[] merged = carried.clone();
        for (int i = EMAIL; i < merged.length; i++) {
            if (merged[i] == 0) {
                merged[i] = known[i];
            }
        }
        return merged;
    }
}
