package ai.flameup.sync.source.stream;

/** One change as the stream carries it, without its place in the stream. */
sealed interface StreamedChange permits StreamedRow, StreamedOther {
    /** Estimates the memory of the change. */
    long bytes();
}
