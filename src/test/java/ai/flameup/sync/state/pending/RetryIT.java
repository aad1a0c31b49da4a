package ai.flameup.sync.state.pending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.Gone;
import ai.flameup.sync.state.update.StateUpdate.Identified;
import ai.flameup.sync.state.update.StateUpdate.Parked;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters as operators see them, and what becomes of those that are sent again. */
class RetryIT {
    private static final String ANN = "ann@host";

    @TempDir
    Path temp;

    private StateStore store;

    @BeforeEach
    void open() {
        store = StateStore.open(temp);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void parkedPerson_parkedAgain_keepsId() {
        store.apply(List.of(parked("1", 400), parked("2", 400)));
        long id = id("1");
        store.apply(List.of(parked("1", 422)));

        assertThat(id("1")).isEqualTo(id).isPositive();
        assertThat(store.deadLetters().one(id))
                .hasValueSatisfying(letter -> assertThat(letter.status()).isEqualTo(422));
        assertThat(store.deadLetters().count()).isEqualTo(2);
    }

    @Test
    void parkedRowWithoutPerson_parkedAgain_keepsId() {
        store.apply(List.of(parkedRow("k", 400), parkedRow("l", 400)));
        long id = letters().get(0).id();
        store.apply(List.of(parkedRow("k", 422)));

        assertThat(letters()).hasSize(2);
        assertThat(store.deadLetters().one(id))
                .hasValueSatisfying(letter -> assertThat(letter.status()).isEqualTo(422));
    }

    @Test
    void id_isNeverReused() {
        store.apply(List.of(parked("1", 400)));
        long id = id("1");
        store.apply(List.of(new Delivered("1", true), parked("2", 400)));

        assertThat(id("2")).isGreaterThan(id);
        assertThat(store.deadLetters().one(id)).isEmpty();
        assertThat(store.deadLetters().discard(List.of(id))).isZero();
        assertThat(store.deadLetters().count()).isEqualTo(1);
    }

    @Test
    void page_returnsLettersInOrder() {
        park(5);

        List<DeadLetter> first = store.deadLetters().page(0, 2);
        List<DeadLetter> second = store.deadLetters().page(first.get(1).id(), 10);
        assertThat(first).extracting(DeadLetter::userId).containsExactly("0", "1");
        assertThat(second).extracting(DeadLetter::userId).containsExactly("2", "3", "4");
        assertThat(store.deadLetters().page(second.get(2).id(), 10)).isEmpty();
    }

    @Test
    void discard_removesSomeOrAll() {
        park(2_500);
        long first = letters().get(0).id();

        assertThat(store.deadLetters().discard(List.of(first, first, first + 1, 99_999L)))
                .isEqualTo(2);
        assertThat(store.deadLetters().count()).isEqualTo(2_498);
        assertThat(store.deadLetters().discardAll()).isEqualTo(2_498);
        assertThat(store.deadLetters().count()).isZero();
        assertThat(store.deadLetters().discardAll()).isZero();
    }

    @Test
    void retry_endsWithLastSettledLetter() {
        park(5);
        Retry retry = store.deadLetters().requestRetry(List.of(id("0"), id("1"), id("2"), id("2"), 99_999L), ANN);
        assertThat(retry)
                .isEqualTo(new Retry(
                        retry.id(), new Requested(retry.requested().at(), ANN), new Retry.Tally(3, 0, 0, 0), null));
        assertThat(store.deadLetters().openRetries()).containsExactly(retry);

        store.apply(List.of(new Delivered("0", true), new Delivered("3", true), parked("1", 422), parked("4", 422)));
        assertCounts(retry, 3, 1, 1, 0);
        assertThat(store.deadLetters().openRetries()).hasSize(1);

        store.apply(List.of(new Gone(id("2"))));
        assertCounts(retry, 3, 1, 1, 1);
        assertThat(store.deadLetters().openRetries()).isEmpty();
        assertThat(store.deadLetters().retry(retry.id()).orElseThrow().endedAt())
                .isAfterOrEqualTo(retry.requested().at());
        assertThat(letters()).extracting(DeadLetter::userId).containsExactly("1", "2", "4");

        store.apply(List.of(parked("1", 400), new Delivered("2", true)));
        assertCounts(retry, 3, 1, 1, 1);
    }

    @Test
    void retry_survivesReopening() {
        park(2);
        Retry retry = store.deadLetters().requestRetryAll(ANN);
        close();
        open();

        assertThat(store.deadLetters().openRetries()).containsExactly(retry);
        assertThat(underRetry()).containsExactly("0", "1");
    }

    @Test
    void goneRow_countsAsGone() {
        park(1);
        long id = id("0");
        store.apply(List.of(new Gone(id), new Gone(99_999)));
        assertThat(letters()).singleElement().satisfies(letter -> assertThat(letter.status())
                .isEqualTo(422));

        store.deadLetters().requestRetryAll(ANN);
        store.apply(List.of(new Gone(id)));
        assertThat(letters()).singleElement().satisfies(letter -> {
            assertThat(letter.id()).isEqualTo(id);
            assertThat(letter.status()).isEqualTo(DeadLetter.NOT_SENT);
            assertThat(letter.reason()).isEqualTo("its row is gone; discard it");
            assertThat(letter.requestId()).isNull();
        });
        assertThat(underRetry()).isEmpty();
    }

    @Test
    void letterWithoutKey_isRefusedAtOnce() {
        store.apply(List.of(letter("1", null, 422), parked("2", 422)));

        Retry one = store.deadLetters().requestRetry(List.of(id("1")), ANN);
        assertCounts(one, 1, 0, 1, 0);
        assertThat(one.endedAt()).isNotNull();
        assertThat(store.deadLetters().one(id("1")).orElseThrow().reason()).isEqualTo("no");

        Retry all = store.deadLetters().requestRetryAll(ANN);
        assertCounts(all, 2, 0, 1, 0);
        assertThat(all.endedAt()).isNull();
        assertThat(underRetry()).containsExactly("2");
    }

    @Test
    void emptyRetry_hasEnded() {
        assertThat(store.deadLetters().requestRetryAll(ANN).endedAt()).isNotNull();
        assertThat(store.deadLetters().requestRetry(List.of(7L), ANN).letters()).isZero();
        assertThat(store.deadLetters().openRetries()).isEmpty();
        assertThat(store.deadLetters().retry(99)).isEmpty();
    }

    @Test
    void laterRequest_takesOverLetters() {
        park(3);
        Retry first = store.deadLetters().requestRetryAll(ANN);
        Retry second = store.deadLetters().requestRetry(List.of(id("0")), "bob@host");
        assertCounts(first, 2, 0, 0, 0);
        assertCounts(second, 1, 0, 0, 0);

        Retry third = store.deadLetters().requestRetryAll("cid@host");
        assertCounts(third, 3, 0, 0, 0);
        assertThat(store.deadLetters().openRetries()).containsExactly(third);
        assertCounts(first, 0, 0, 0, 0);
        assertThat(store.deadLetters().retry(first.id()).orElseThrow().endedAt())
                .isNotNull();

        store.apply(List.of(new Delivered("0", true), new Delivered("1", true), new Delivered("2", true)));
        assertCounts(third, 3, 3, 0, 0);
    }

    @Test
    void requestRetryAll_includesManyLetters() {
        park(2_500);
        store.apply(List.of(letter("keyless", null, 422)));
        Retry retry = store.deadLetters().requestRetryAll(ANN);
        assertCounts(retry, 2_501, 0, 1, 0);
        assertThat(store.deadLetters().openRetries()).containsExactly(retry);

        long after = 0;
        int seen = 0;
        for (List<DeadLetter> page = store.deadLetters().nextUnderRetry(after, 100);
                !page.isEmpty();
                page = store.deadLetters().nextUnderRetry(after, 100)) {
            List<StateUpdate> delivered = new ArrayList<>();
            page.forEach(letter -> delivered.add(new Delivered(letter.userId(), true)));
            store.apply(delivered);
            seen += page.size();
            after = page.get(page.size() - 1).id();
        }
        assertThat(seen).isEqualTo(2_500);
        assertCounts(retry, 2_501, 2_500, 1, 0);
        assertThat(store.deadLetters().openRetries()).isEmpty();
    }

    @Test
    void discardedLetter_countsAsGone() {
        park(3);
        Retry retry = store.deadLetters().requestRetryAll(ANN);
        store.deadLetters().discard(List.of(id("1")));
        assertCounts(retry, 3, 0, 0, 1);
        store.deadLetters().discardAll();

        assertCounts(retry, 3, 0, 0, 3);
        assertThat(store.deadLetters().openRetries()).isEmpty();
    }

    @Test
    void partialState_startsAutomaticRetry() {
        store.apply(List.of(parked("1", 422), letter("2", null, 422), parked("3", 422)));
        store.apply(List.of(new Delivered("1", false), new Delivered("2", false), new Delivered("9", false)));

        Retry automatic = store.deadLetters().openRetries().get(0);
        assertThat(automatic.requested().by()).isEqualTo("flameup-sync");
        assertCounts(automatic, 1, 0, 0, 0);
        assertThat(letters()).extracting(DeadLetter::userId).containsExactly("1", "2", "3");
        assertThat(underRetry()).containsExactly("1");

        store.apply(List.of(new Delivered("1", false), new Delivered("3", false)));
        assertThat(store.deadLetters().openRetries()).hasSize(1);
        assertCounts(automatic, 2, 0, 0, 0);

        store.apply(List.of(new Delivered("1", true), parked("3", 422)));
        assertCounts(automatic, 2, 1, 1, 0);
        assertThat(store.deadLetters().openRetries()).isEmpty();
    }

    @Test
    void partialState_keepsLetterUnderRetry() {
        park(1);
        Retry retry = store.deadLetters().requestRetryAll(ANN);
        store.apply(List.of(new Delivered("0", false)));

        assertThat(store.deadLetters().openRetries()).containsExactly(retry);
        assertThat(underRetry()).containsExactly("0");
    }

    @Test
    void endedAutomaticRetries_areDeleted() {
        Retry asked = store.deadLetters().requestRetryAll(ANN);
        for (int i = 0; i < 5; i++) {
            store.apply(List.of(parked("1", 422), new Delivered("1", false)));
            store.apply(List.of(new Delivered("1", true)));
        }

        assertThat(store.deadLetters().retry(asked.id())).isPresent();
        assertThat(store.deadLetters().retry(asked.id() + 5)).isPresent();
        assertThat(store.deadLetters().retry(asked.id() + 4)).isEmpty();
    }

    @Test
    void identifiedPerson_settlesLetter() {
        store.apply(List.of(parkedRow("k", 422)));
        Retry retry = store.deadLetters().requestRetryAll(ANN);
        store.apply(List.of(new Identified(letters().get(0).id(), "1"), new Delivered("1", true)));

        assertThat(letters()).isEmpty();
        assertCounts(retry, 1, 1, 0, 0);
        assertThat(store.deadLetters().openRetries()).isEmpty();
    }

    @Test
    void identifiedPersonWithLetter_keepsOneLetter() {
        store.apply(List.of(parked("1", 400), parkedRow("k", 422)));
        long nameless = letters().get(1).id();
        Retry retry = store.deadLetters().requestRetry(List.of(nameless), ANN);
        store.apply(List.of(new Identified(id("1"), "2"), new Identified(nameless, "1")));

        assertThat(letters()).singleElement().satisfies(letter -> {
            assertThat(letter.userId()).isEqualTo("1");
            assertThat(letter.status()).isEqualTo(400);
        });
        assertCounts(retry, 1, 0, 0, 1);
        assertThat(store.deadLetters().openRetries()).isEmpty();
    }

    @Test
    void rowWithoutPerson_isRefusedAgain() {
        store.apply(List.of(parkedRow("k", 422)));
        Retry retry = store.deadLetters().requestRetryAll(ANN);
        store.apply(List.of(parkedRow("k", 400)));

        assertCounts(retry, 1, 0, 1, 0);
        assertThat(store.deadLetters().openRetries()).isEmpty();
    }

    @Test
    void nextUnderRetry_returnsPages() {
        park(5);
        store.deadLetters().requestRetry(List.of(id("4"), id("0")), ANN);
        store.deadLetters().requestRetry(List.of(id("2")), ANN);

        List<DeadLetter> page = store.deadLetters().nextUnderRetry(0, 2);
        assertThat(page).extracting(DeadLetter::userId).containsExactly("0", "2");
        assertThat(page.get(0).key()).isEqualTo(RowKey.of(List.of("0")));
        assertThat(store.deadLetters().nextUnderRetry(page.get(1).id(), 2))
                .extracting(DeadLetter::userId)
                .containsExactly("4");
        assertThat(store.deadLetters().nextUnderRetry(id("4"), 2)).isEmpty();
    }

    @Test
    void impossibleUpdates_areRejected() {
        assertThatThrownBy(() -> new Delivered("", true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Identified(1, "")).isInstanceOf(IllegalArgumentException.class);
    }

    private void park(int letters) {
        List<StateUpdate> updates = new ArrayList<>();
        for (int i = 0; i < letters; i++) {
            updates.add(parked("" + i, 422));
        }
        store.apply(updates);
    }

    private void assertCounts(Retry retry, long asked, long delivered, long refused, long gone) {
        Retry now = store.deadLetters().retry(retry.id()).orElseThrow();
        assertThat(List.of(now.letters(), now.delivered(), now.refused(), now.gone()))
                .containsExactly(asked, delivered, refused, gone);
    }

    private List<DeadLetter> letters() {
        return store.deadLetters().page(0, 10_000);
    }

    private List<String> underRetry() {
        return store.deadLetters().nextUnderRetry(0, 100).stream()
                .map(DeadLetter::userId)
                .toList();
    }

    private long id(String userId) {
        return letters().stream()
                .filter(letter -> letter.userId().equals(userId))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static Parked parked(String userId, int status) {
        return letter(userId, RowKey.of(List.of(userId)), status);
    }

    private static Parked parkedRow(String key, int status) {
        return letter("", RowKey.of(List.of(key)), status);
    }

    private static Parked letter(String userId, @Nullable RowKey key, int status) {
        return new Parked(new DeadLetter(userId, key, new DeadLetter.Refusal(status, "no", "req-1", 1), Instant.EPOCH));
    }
}
