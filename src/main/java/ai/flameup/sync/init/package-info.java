/**
 * Proposes a new configuration: inspects a table, proposes which column becomes what, and writes a commented file.
 *
 * <p>{@code TableAssessment} is the entry. {@code DraftText} writes the text that {@code config} reads later.
 *
 * <p>The questions to the operator are in {@code cli}.
 *
 * <p>Uses {@code source} and {@code mapping}.
 */
@NullMarked
package ai.flameup.sync.init;

import org.jspecify.annotations.NullMarked;
