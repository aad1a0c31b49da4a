package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status thread may read the store at the instant when the run closes it. */
class PolledStoreIT {
    private static final int ROUNDS = 300;

    @TempDir
    private Path directory;

    @Test
    void read_duringClose_isNoInternalError() throws Exception {
        StateStore.open(directory).close();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Exception> failures = new ArrayList<>();
        AtomicInteger looks = new AtomicInteger();
        for (int round = 0; round < ROUNDS; round++) {
            PolledStore store = new PolledStore(directory);
            Future<?> looking = threads.submit(() -> {
                for (int i = 0; i < 3; i++) {
                    store.read(seen -> looks.incrementAndGet());
                }
            });
            Future<?> closing = threads.submit(store::close);
            for (Future<?> one : List.of(looking, closing)) {
                try {
                    one.get();
                } catch (ExecutionException e) {
                    failures.add(e);
                }
            }
        }
        threads.shutdown();

        assertThat(failures).isEmpty();
        assertThat(looks.get()).isPositive();
    }
}
