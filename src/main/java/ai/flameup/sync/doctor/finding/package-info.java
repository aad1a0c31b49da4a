/**
 * What checks have in common: a check, its findings, the report of all, and how sizes and clocks are described.
 *
 * <p>It may use {@code fault}.
 */
@NullMarked
package ai.flameup.sync.doctor.finding;

import org.jspecify.annotations.NullMarked;
