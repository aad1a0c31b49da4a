package ai.flameup.sync.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * A map from numbers to objects that boxes nothing: it is used several times for each change. Open addressing with linear
 * probing. For one thread.
 */
final class LongMap<T> {
    private static final int MIN_CAPACITY = 16;

    private long[] keys = new long[MIN_CAPACITY];
    private @Nullable Object[] values = new @Nullable Object[MIN_CAPACITY];
    private int size;

    /** Returns the value of a key; null if there is none. */
    @Nullable
    T get(long key) {
        return at(find(key));
    }

    /** Sets the value of a key. Returns the former one; null if there was none. */
    @Nullable
    T put(long key, T value) {
        int index = find(key);
        T before = at(index);
        keys[index] = key;
        values[index] = value;
        if (before == null && ++size > values.length / 2) {
            resize(values.length * 2);
        }
        return before;
    }

    /** Removes a key. Returns its value; null if there was none. */
    @Nullable
    T remove(long key) {
        int index = find(key);
        T removed = at(index);
        if (removed != null) {
            removeAt(index);
        }
        return removed;
    }

    /** Removes a key if its value is this object. */
    void remove(long key, T value) {
        int index = find(key);
        if (values[index] == value) {
            removeAt(index);
        }
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @SuppressWarnings("unchecked") // Only put writes.
    private @Nullable T at(int index) {
        return (T) values[index];
    }

    /** Returns where the key is, or where it would be. */
    private int find(long key) {
        int index = home(key);
        while (values[index] != null && keys[index] != key) {
            index = (index + 1) & (values.length - 1);
        }
        return index;
    }

    private int home(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 40) & (values.length - 1);
    }

    /** Closes the gap: moves each later entry of the run forward that may stand there. */
    private void removeAt(int removed) {
        int mask = values.length - 1;
        int gap = removed;
        for (int index = (gap + 1) & mask; values[index] != null; index = (index + 1) & mask) {
            int distance = (index - home(keys[index])) & mask;
            if (distance >= ((index - gap) & mask)) {
                keys[gap] = keys[index];
                values[gap] = values[index];
                gap = index;
            }
        }
        values[gap] = null;
        size--;
        if (size < values.length / 8 && values.length > MIN_CAPACITY) {
            resize(values.length / 2);
        }
    }

    private void resize(int capacity) {
        long[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new long[capacity];
        values = new @Nullable Object[capacity];
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != null) {
                int index = find(oldKeys[i]);
                keys[index] = oldKeys[i];
                values[index] = oldValues[i];
            }
        }
    }
}
