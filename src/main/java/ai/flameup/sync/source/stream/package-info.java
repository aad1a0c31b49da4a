/**
 * The stream of changes, and the only package that knows Debezium and Kafka Connect: runs the engine, configures its
 * connections, types and offsets, and decodes its records into stream events.
 *
 * <p>{@code EngineSettings} has the engine's properties, {@code ChangeStream} one run of it, {@code RecordDecoder} the decoding
 * of its records. {@code GuardedSchema} sees which relations the stream names.
 *
 * <p>Rows do not become records of Debezium, which would need most of the time. {@code Bundler} sees them first. It puts what
 * {@code TupleReader} makes of them into a {@code BundleQueue}, and sends one message for each bundle through Debezium. The
 * decoder takes the bundle when its message arrives.
 *
 * <p>Restarts after a failure are decided in {@code job}. The position is in the store.
 *
 * <p>May use {@code source}, {@code source.fence}, {@code source.rows}, {@code source.slot} and {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.stream;

import org.jspecify.annotations.NullMarked;
