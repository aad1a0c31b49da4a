package ai.flameup.sync.demo;

import java.util.List;

/**
 * Traits as they were sent. Immutable.
 *
 * @param json a whole JSON object
 * @param names its members', in their order
 */
record SentTraits(JsonSlice json, List<String> names) {}
