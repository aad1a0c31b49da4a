package ai.flameup.sync.bench;

/** One measurement, which leaves nothing behind. */
interface Part {
    /** For whoever watches. */
    String what();

    void measure(Bench bench) throws Exception;
}
