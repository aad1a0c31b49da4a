/** The benchmark: whole processes, started by {@link ai.flameup.sync.bench.Benchmark}. Needs Linux, for its /proc. */
@NullMarked
package ai.flameup.sync.bench;

import org.jspecify.annotations.NullMarked;
