package ai.flameup.sync.state;

import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.Retry;
import java.nio.file.Path;
import java.util.List;

/** Another process that asks for retries and discards letters, as commands do, while a job is at work. */
final class RetryRequester {
    static final int ROUNDS = 50;

    private RetryRequester() {}

    public static void main(String[] args) {
        for (int i = 0; i < ROUNDS; i++) {
            try (StateStore store = StateStore.openShared(Path.of(args[0]))) {
                List<DeadLetter> letters = store.deadLetters().page(0, 2);
                store.deadLetters()
                        .discard(letters.stream().limit(1).map(DeadLetter::id).toList());
                Retry retry = store.deadLetters()
                        .requestRetry(
                                letters.stream().skip(1).map(DeadLetter::id).toList(), "ann@host");
                System.out.println(retry.id());
            }
        }
    }
}
