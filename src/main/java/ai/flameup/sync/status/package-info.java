/**
 * Computes the status of a job: counters, lag, the state with its reason and remedy, and the notices.
 *
 * <p>{@code Monitor} holds the current status of this process. The job reports to it, and {@code StatusPoller} polls
 * store and server for it. {@code HealthAssessment} derives the state. {@code LastStatus} is the status for other
 * processes, from {@code status.json}, the store and the server.
 *
 * <p>Publishing it over HTTP, as metrics and as notifications is in {@code observe}.
 *
 * <p>Uses {@code observe}, {@code config}, {@code source}, {@code state}, and the gauges of {@code pipeline}.
 */
@NullMarked
package ai.flameup.sync.status;

import org.jspecify.annotations.NullMarked;
