package ai.flameup.sync.pipeline;

/** What decides about requests, for one run. */
record Policies(RateControl rate, BatchPolicy batches, RefusalPolicy refusals) {}
