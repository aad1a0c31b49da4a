/**
 * Reads the configuration: the YAML file, environment variables and secret files become immutable settings, or one
 * list of problems.
 *
 * <p>What the settings mean to a component is checked where the component is ({@code source}, {@code delivery},
 * {@code mapping}, {@code pipeline}).
 *
 * <p>Uses those packages, and {@code doctor} for the check of secrets. The packages of a run and of the commands use
 * it.
 */
@NullMarked
package ai.flameup.sync.config;

import org.jspecify.annotations.NullMarked;
