package ai.flameup.sync.bench;

/** One measurement. It cleans up after itself. */
interface Part {
    /** The name shown while the benchmark runs. */
    String what();

    void measure(Bench bench) throws Exception;
}
