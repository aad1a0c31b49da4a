/**
 * The {@code demo} command: a Postgres with the sample table, a workload that changes it, a stand-in for Flameup's people
 * API, the job as a child process, and the comparison of the table with the stand-in's persons. {@link
 * ai.flameup.sync.demo.Demo} opens and closes them, and {@link ai.flameup.sync.demo.Story} is what happens.
 *
 * <p>{@link ai.flameup.sync.demo.StandInApi} contains the API's rules and {@link ai.flameup.sync.demo.StandInServer} serves
 * them over HTTP. The tests have a stand-in with faults, delays and a rate limit of their own, in their package
 * {@code standin}, which applies requests with the same {@code StandInApi}. The sidecar itself is not here: its launcher
 * runs it.
 *
 * <p>The package may use {@code fault}, the embedded Postgres and its driver, Jackson, and the JDK's HTTP server. Only the
 * command line may use the package. Its libraries are in {@code lib/demo}, which only the command loads.
 */
@NullMarked
package ai.flameup.sync.demo;

import org.jspecify.annotations.NullMarked;
