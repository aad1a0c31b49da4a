/**
 * The checks of the server, the table, the publication, the slot and the retained WAL.
 *
 * <p>{@code PostgresExamination} runs them in order and skips what a problem prevents. It may use {@code doctor.finding}, and
 * what {@code doctor} may use.
 */
@NullMarked
package ai.flameup.sync.doctor.postgres;

import org.jspecify.annotations.NullMarked;
