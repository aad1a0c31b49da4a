package ai.flameup.sync.demo;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Waits for what the demo shows, and reads the job's status. Immutable.
 *
 * @param statusFile which a job writes about every second
 * @param stop ends each wait
 * @param log of the job, for messages
 */
record Observer(Path statusFile, JobProcess job, CountDownLatch stop, Path log) {
    private static final long LIMIT_SECONDS = 60;
    private static final long INTERVAL_MILLIS = 50;

    /**
     * Waits until the condition holds.
     *
     * @param what completes "within 60 s the job has not"
     * @return the seconds that this took
     * @throws Fault if it does not hold within 60 s, the job ends, or the demo is stopped
     */
    double until(String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        if (!holds(condition)) {
            throw new Fault(
                    ExitCode.ATTENTION, "within " + LIMIT_SECONDS + " s the job has not " + what + "; see " + log);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /**
     * Waits until the condition holds, for 60 s at most.
     *
     * @return whether it holds
     * @throws Fault if the job ends, or the demo is stopped
     */
    boolean holds(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            // First, because Ctrl-C also ends the job.
            pause(INTERVAL_MILLIS);
            if (!job.isAlive()) {
                throw new Fault(ExitCode.ATTENTION, "the job has ended by itself; see " + log);
            }
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Lets so much time pass.
     *
     * @throws Fault if the demo is stopped
     */
    void pause(long millis) throws InterruptedException {
        if (stop.await(millis, TimeUnit.MILLISECONDS)) {
            throw new Fault(ExitCode.TRY_LATER, "the demo was interrupted, and everything that it started has ended");
        }
    }

    /** The number of dead letters in the store, by the job's status; 0 if there is no status yet. */
    long deadLetters() {
        return status().path("dead_letters").asLong();
    }

    /** Whether the present process has reported that everything is delivered. */
    boolean isInStep() {
        JsonNode status = status();
        return status.path("pid").asLong() == job.pid()
                && status.path("state").asText().equals("in_step");
    }

    private JsonNode status() {
        try {
            return ApiRequest.parse(Files.readAllBytes(statusFile));
        } catch (NoSuchFileException none) {
            return ApiRequest.parse(new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
