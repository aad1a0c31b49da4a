/**
 * Reads the configuration. The YAML file, environment variables and secret files become immutable {@code Settings}, or
 * one list of all problems.
 *
 * <p>{@code SettingsFile} finds and reads the file. Each section has a class that reads it key by key through {@code
 * Section}, which adds errors to {@code Problems}.
 *
 * <p>{@code YamlTree} parses the file into a tree, {@code Placeholders} inserts variables.
 *
 * <p>What a setting means is checked by the component that uses it ({@code source}, {@code delivery}, {@code mapping},
 * {@code pipeline}).
 *
 * <p>Uses those packages, {@code observe}, and {@code doctor} for the check of secrets. The packages of a run and of
 * the commands use it.
 */
@NullMarked
package ai.flameup.sync.config;

import org.jspecify.annotations.NullMarked;
