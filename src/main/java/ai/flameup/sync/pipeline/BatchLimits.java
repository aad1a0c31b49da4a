package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;

/** The documented limits of the API. */
final class BatchLimits {
    /** Persons in one batch. */
    static final int MAX_PERSONS = 100;

    /** Bytes in one batch. A larger person is sent alone. */
    static final int MAX_BYTES = 512 << 10;

    private static final int MAX_USER_ID = 255;
    private static final int MAX_EMAIL = 254;

    private BatchLimits() {}

    /** Returns with how many persons this one may share a request: past the limits it is refused, and a batch with it. */
    static int personsWith(PersonUpsert person) {
        String email = person.email();
        boolean tooLong = person.userId().length() > MAX_USER_ID || (email != null && email.length() > MAX_EMAIL);
        return tooLong ? 1 : MAX_PERSONS;
    }
}
