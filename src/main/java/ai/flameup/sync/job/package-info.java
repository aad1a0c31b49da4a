/**
 * One run: opens, wires and closes everything, decides what to do, and keeps stream and pipeline running.
 *
 * <p>{@code SyncJob} opens and closes. {@code RestartLoop} runs again after halts and outages. {@code RunPreparation}
 * inspects and decides, {@code FirstStart} starts an empty store, and {@code Run} wires stream, readers, pipeline and
 * store and waits for the end. {@code RunDeadline} and {@code StopLimit} bound how long that takes.
 *
 * <p>{@code StreamFeed} maps what the stream delivers and turns it into events of the pipeline, {@code RowReads} reads rows
 * in turns, {@code Delivery} is the pipeline with its stores, {@code DeliveryRecorder} performs its actions,
 * {@code ServerClock} writes heartbeats and checks the server, and {@code SlotProgress} knows how far the slot may advance.
 *
 * <p>The other commands are in {@code ops}.
 *
 * <p>Uses every package below it.
 */
@NullMarked
package ai.flameup.sync.job;

import org.jspecify.annotations.NullMarked;
