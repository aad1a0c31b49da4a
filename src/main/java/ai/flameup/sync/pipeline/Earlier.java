package ai.flameup.sync.pipeline;

/** What earlier requests, of this process or another, may still change. */
record Earlier(EarlierRequests requests, LateWrites lateWrites) {}
