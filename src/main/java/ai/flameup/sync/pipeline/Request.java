package ai.flameup.sync.pipeline;

import java.util.List;

/**
 * One call of the API.
 *
 * @param number larger than that of every request before
 * @param works at least one; no two of them share a person or an address
 * @param batch whether it is the batch call, which a single person may also be sent by
 */
record Request(long number, List<Work> works, boolean batch) {
    /** Persons in a batch, by the API's documents. */
    static final int MOST = 100;

    /** What is put into a batch, in bytes: a person that is larger goes alone. */
    static final int MOST_BYTES = 512 << 10;
}
