package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.mapping.Mapped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HeartTest {
    private static final TraitNames NAMES = new TraitNames(List.of("n"));
    private static final Outcome ACCEPTED = new Outcome.Accepted(java.util.Set.of());
    private static final Outcome FAILED = new Outcome.Failed(500, "broken", null, false);
    private static final Outcome REJECTED = new Outcome.Rejected(422, "no", null);
    private static final Outcome FORBIDDEN = new Outcome.Refused(403, "no", null);
    private static final Outcome UNAUTHORIZED = new Outcome.Refused(401, "no", null);

    private final Recorder recorder = new Recorder();
    private final Heart heart = new Heart(4, new Random(1), recorder);

    @Test
    void aPersonHasOneRequestInFlightAndOthersGoOn() {
        change(100, 0, "a");
        change(100, 1, "a");
        change(100, 2, "b");

        assertThat(recorder.users()).containsExactly("a", "b");
        heart.answered(recorder.sent.get(0), ACCEPTED, 0);
        assertThat(recorder.users()).containsExactly("a", "b", "a");
    }

    @Test
    void thePositionIsTheStartOfTheOldestTransactionThatIsNotSettled() {
        change(100, 0, "a");
        heart.reached(new Lsn(200));
        change(200, 0, "b");
        heart.reached(new Lsn(300));
        heart.answered(recorder.sent.get(1), ACCEPTED, 0);
        assertThat(recorder.positions).containsExactly(new Lsn(100));

        heart.answered(recorder.sent.get(0), ACCEPTED, 0);
        assertThat(recorder.positions).containsExactly(new Lsn(100), new Lsn(300));
    }

    @Test
    void aChangeThatComesAgainIsPassedOver() {
        change(100, 0, "a");
        change(100, 1, "b");
        change(100, 0, "a");
        change(100, 1, "b");
        change(100, 2, "c");

        assertThat(recorder.users()).containsExactly("a", "b", "c");
    }

    @Test
    void aFailedAttemptIsMadeAgainWhenItsRestIsOver() {
        change(100, 0, "a");
        heart.answered(recorder.sent.get(0), FAILED, 0);
        assertThat(recorder.sent).hasSize(1);

        heart.at(heart.nextAt(0).orElseThrow());
        assertThat(recorder.users()).containsExactly("a", "a");
    }

    @Test
    void whoAsksForAPauseGetsItFromEverybody() {
        change(100, 0, "a");
        heart.answered(recorder.sent.get(0), new Outcome.Failed(429, "slow", Duration.ofSeconds(2), false), 1000);
        change(100, 1, "b");
        assertThat(recorder.users()).containsExactly("a");

        heart.at(3000);
        assertThat(recorder.users()).contains("b");
    }

    @Test
    void aRefusedTokenHaltsAndParksNothing() {
        change(100, 0, "a");
        heart.answered(recorder.sent.get(0), UNAUTHORIZED, 0);
        change(100, 1, "b");

        assertThat(recorder.users()).containsExactly("a");
        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.halts).isEqualTo(1);
    }

    @Test
    void oneForbiddenPersonIsParkedOnceAnotherIsAccepted() {
        change(100, 0, "a");
        change(100, 1, "b");
        heart.answered(recorder.sent.get(0), FORBIDDEN, 0);
        assertThat(recorder.parked).isEmpty();
        heart.answered(recorder.sent.get(1), ACCEPTED, 0);

        assertThat(recorder.parked).containsExactly("a");
        assertThat(recorder.halts).isZero();
    }

    @Test
    void twoForbiddenPersonsHalt() {
        change(100, 0, "a");
        change(100, 1, "b");
        heart.answered(recorder.sent.get(0), FORBIDDEN, 0);
        heart.answered(recorder.sent.get(1), FORBIDDEN, 0);

        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.halts).isEqualTo(1);
    }

    @Test
    void aMarkerIsPassedWhenEverythingBeforeItIsSettled() {
        change(100, 0, "a");
        heart.mark("m");
        assertThat(recorder.passed).isEmpty();
        heart.answered(recorder.sent.get(0), REJECTED, 0);

        assertThat(recorder.passed).containsExactly("m");
        assertThat(recorder.parked).containsExactly("a");
    }

    @Test
    void aScanGetsOnlyAsFarAsItsChunksAreSettledWithoutAGap() {
        heart.rows(7, List.of(new Heart.MappedRow(upsert("a"), key("1"))), key("1"), 0);
        heart.rows(7, List.of(new Heart.MappedRow(upsert("b"), key("2"))), key("2"), 0);
        heart.scanEnd(7);
        heart.answered(recorder.sent.get(1), ACCEPTED, 0);
        assertThat(recorder.scanned).isEmpty();

        heart.answered(recorder.sent.get(0), ACCEPTED, 0);
        assertThat(recorder.scanned).containsExactly(key("1"), key("2"));
        assertThat(recorder.ended).containsExactly(7L);
    }

    /** Random histories: order of each person, at most one in flight, a position that covers nothing open. */
    @Test
    void everyHistoryIsDeliveredInOrderAndAcknowledgedWithoutAGap() {
        long seed = new Random().nextLong();
        for (int history = 0; history < 500; history++) {
            history(seed + history);
        }
    }

    private static void history(long seed) {
        Random random = new Random(seed);
        Recorder recorder = new Recorder();
        Heart heart = new Heart(1 + random.nextInt(8), new Random(seed), recorder);
        TreeMap<Long, Integer> open = new TreeMap<>();
        Map<Heart.Work, Long> transactions = new HashMap<>();
        Map<String, Integer> newest = new HashMap<>();
        List<Heart.Work> flying = new ArrayList<>();
        long commit = 100;
        long ordinal = 0;
        int number = 0;
        long now = 0;
        int seen = 0;
        Map<Integer, Long> transactionOf = new HashMap<>();
        for (int step = 0; step < 400 || !flying.isEmpty() || !open.isEmpty(); step++) {
            int dice = step < 400 ? random.nextInt(10) : 5 + random.nextInt(5);
            if (dice < 4) {
                heart.reached(new Lsn(commit));
                open.merge(commit, 1, Integer::sum);
                transactionOf.put(number, commit);
                heart.change(
                        new Position(new Lsn(commit), ordinal++), upsert("u" + random.nextInt(6), number++), null, now);
            } else if (dice == 4) {
                commit += 100;
                ordinal = 0;
                heart.reached(new Lsn(commit));
            } else if (!flying.isEmpty()) {
                Heart.Work work = flying.remove(random.nextInt(flying.size()));
                Outcome outcome = random.nextInt(5) == 0 ? FAILED : random.nextInt(20) == 0 ? REJECTED : ACCEPTED;
                if (!(outcome instanceof Outcome.Failed)) {
                    open.computeIfPresent(transactions.get(work), (t, left) -> left == 1 ? null : left - 1);
                }
                heart.answered(work, outcome, now);
            } else {
                now += 100_000;
                heart.at(now);
            }
            for (; seen < recorder.sent.size(); seen++) {
                Heart.Work work = recorder.sent.get(seen);
                int sent = number(work);
                String user = work.person().userId();
                assertThat(flying.stream().map(other -> other.person().userId()))
                        .as("seed %d: two in flight", seed)
                        .doesNotContain(user);
                assertThat(sent).as("seed %d: order", seed).isGreaterThanOrEqualTo(newest.getOrDefault(user, -1));
                newest.put(user, sent);
                transactions.put(work, transactionOf.get(sent));
                flying.add(work);
            }
            if (!recorder.positions.isEmpty() && !open.isEmpty()) {
                assertThat(recorder.positions.get(recorder.positions.size() - 1).value())
                        .as("seed %d: position", seed)
                        .isLessThanOrEqualTo(open.firstKey());
            }
        }
        assertThat(recorder.positions).as("seed %d", seed).isSorted().endsWith(new Lsn(commit));
        assertThat(heart.load()).isZero();
        assertThat(heart.bytes()).isZero();
    }

    private void change(long resumeAt, long ordinal, String user) {
        heart.reached(new Lsn(resumeAt));
        heart.change(new Position(new Lsn(resumeAt), ordinal), upsert(user), null, 0);
    }

    private static Mapped upsert(String user) {
        return upsert(user, 0);
    }

    private static Mapped upsert(String user, int number) {
        byte[][] traits = {Integer.toString(number).getBytes(java.nio.charset.StandardCharsets.US_ASCII)};
        return new Mapped.Upsert(new PersonUpsert(user, null, NAMES, traits, false), true);
    }

    private static int number(Heart.Work work) {
        String json = new String(work.person().json(), java.nio.charset.StandardCharsets.US_ASCII);
        return Integer.parseInt(json.replaceAll(".*\"n\":(\\d+).*", "$1"));
    }

    private static RowKey key(String value) {
        return RowKey.of(List.of(value));
    }

    private static final class Recorder implements Effects {
        final List<Heart.Work> sent = new ArrayList<>();
        final Set<String> delivered = new HashSet<>();
        final List<String> parked = new ArrayList<>();
        final List<Lsn> positions = new ArrayList<>();
        final List<RowKey> scanned = new ArrayList<>();
        final List<Long> ended = new ArrayList<>();
        final List<String> passed = new ArrayList<>();
        int halts;

        List<String> users() {
            return sent.stream().map(work -> work.person().userId()).toList();
        }

        @Override
        public void send(Heart.Work work) {
            sent.add(work);
        }

        @Override
        public void delivered(String userId) {
            delivered.add(userId);
        }

        @Override
        public void park(
                String userId,
                @Nullable RowKey key,
                int status,
                String reason,
                @Nullable String requestId,
                int attempts) {
            parked.add(userId);
        }

        @Override
        public void moved(Lsn position) {
            positions.add(position);
        }

        @Override
        public void scanned(long scan, @Nullable RowKey upTo, int rows) {
            if (upTo != null) {
                scanned.add(upTo);
            }
        }

        @Override
        public void scanEnded(long scan) {
            ended.add(scan);
        }

        @Override
        public void passed(String marker) {
            passed.add(marker);
        }

        @Override
        public void retrying(int status, Duration wait) {
            assertThat(wait).isPositive();
        }

        @Override
        public void halted(Outcome.Refused why) {
            halts++;
        }
    }
}
