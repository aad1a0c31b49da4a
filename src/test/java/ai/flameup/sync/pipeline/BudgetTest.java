package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.delivery.header.RateLimit;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final long WINDOW = 10_000;
    private static final int LIMIT = 120;

    private final Budget budget = new Budget(PipelineSettings.UNLIMITED);

    @Test
    void unknownBudget_allowsEverything() {
        assertThat(budget.allows(false, 0)).isTrue();
        assertThat(budget.keepsUpWith(1_000_000, 0)).isTrue();
        assertThat(budget.remaining(0)).isNull();
    }

    @Test
    void spentBudget_waitsForTheReset() {
        budget.sent(0);
        budget.answered(new RateLimit(LIMIT, 0, 1_010, 1_000), 0);

        assertThat(budget.nextAt(true, 0)).isEqualTo(WINDOW);
        assertThat(budget.allows(true, WINDOW - 1)).isFalse();
        assertThat(budget.allows(true, WINDOW)).isTrue();
    }

    @Test
    void nextWindow_startsWithOneRequest() {
        budget.sent(0);
        budget.answered(new RateLimit(LIMIT, 0, 1_010, 1_000), 0);
        budget.sent(WINDOW);
        assertThat(budget.allows(true, WINDOW)).isFalse();

        budget.answered(new RateLimit(LIMIT, LIMIT - 1, 1_020, 1_010), WINDOW + 5);
        assertThat(budget.allows(true, WINDOW + 5)).isTrue();
    }

    @Test
    void left_showsTheLastWindow_untilTheNextIsKnown() {
        budget.answered(new RateLimit(LIMIT, 50, 1_010, 1_000), 0);
        DeliveryGauges.BudgetLeft idle = new DeliveryGauges.BudgetLeft(LIMIT, 50, Duration.ofSeconds(-5));

        assertThat(budget.remaining(WINDOW + 5_000)).isEqualTo(idle);
        budget.sent(WINDOW + 5_000);
        assertThat(budget.remaining(WINDOW + 5_000)).isEqualTo(idle);

        budget.answered(new RateLimit(LIMIT, LIMIT - 1, 1_025, 1_015), WINDOW + 5_000);
        assertThat(budget.remaining(WINDOW + 5_000))
                .isEqualTo(new DeliveryGauges.BudgetLeft(LIMIT, LIMIT - 1, Duration.ofSeconds(10)));
    }

    @Test
    void allowance_isKnown_onceAWindowWasSeenFromItsStart() {
        budget.answered(new RateLimit(LIMIT, 50, 1_004, 1_000), 0);
        assertThat(budget.allowance()).isNull();

        budget.sent(4_000);
        budget.answered(new RateLimit(LIMIT, LIMIT - 1, 1_014, 1_004), 4_000);

        assertThat(budget.allowance()).isEqualTo(new ApiWindow.Allowance(LIMIT, Duration.ofMillis(WINDOW)));
    }

    @Test
    void budget_isForgotten_whenAnAnswerReportsNone() {
        budget.answered(new RateLimit(LIMIT, 0, 1_010, 1_000), 0);
        budget.unreported();

        assertThat(budget.allows(false, 0)).isTrue();
    }

    @Test
    void limit_thatChangesWithinAWindow_applies() {
        budget.answered(new RateLimit(LIMIT, 0, 1_010, 1_000), 0);
        budget.answered(new RateLimit(1_000, 880, 1_010, 1_001), 1_000);

        assertThat(budget.allows(true, 1_000)).isTrue();
    }

    @Test
    void lateAnswer_ofAnEndedWindow_isIgnored() {
        budget.answered(new RateLimit(LIMIT, LIMIT, 1_020, 1_010), 0);
        budget.answered(new RateLimit(LIMIT, 0, 1_010, 1_009), 10);

        assertThat(budget.allows(true, 10)).isTrue();
    }

    @Test
    void windowEnd_followsTheClockOfTheApi() {
        // The API's clock is a week ahead; its seconds are whole, and the tick between two of them is the truth.
        long week = 604_800;
        budget.answered(new RateLimit(LIMIT, 10, week + 10, week), 900);
        budget.answered(new RateLimit(LIMIT, 9, week + 10, week + 1), 1_000);
        budget.answered(new RateLimit(LIMIT, 0, week + 10, week + 1), 1_100);

        assertThat(budget.nextAt(true, 1_100)).isEqualTo(10_000);
    }

    @Test
    void rows_stayOnTheLine_andLiveChangesRunAhead() {
        budget.answered(new RateLimit(LIMIT, LIMIT, 1_010, 1_000), 0);
        budget.sent(0);
        assertThat(budget.allows(false, 0)).isFalse();
        assertThat(budget.nextAt(false, 0)).isBetween(80L, 90L);
        int live = 1;
        while (budget.allows(true, 0)) {
            budget.sent(0);
            live++;
        }
        assertThat(live).isBetween(LIMIT / 2, LIMIT / 2 + 1);
    }

    @Test
    void budget_doesNotKeepUp_withMoreThanIsLeft() {
        budget.answered(new RateLimit(LIMIT, LIMIT, 1_010, 1_000), 0);

        assertThat(budget.keepsUpWith(LIMIT / 2, 0)).isTrue();
        assertThat(budget.keepsUpWith(LIMIT, 0)).isFalse();
        assertThat(budget.keepsUpWith(LIMIT - 10, 9_000)).isTrue();
    }

    @Test
    void ceiling_isKeptInEveryMinute() {
        Budget own = new Budget(60);
        int sent = 0;
        for (long now = 0; now < 59_999; now++) {
            if (own.allows(true, now)) {
                own.sent(now);
                sent++;
            }
        }
        assertThat(sent).isBetween(58, 60);
        assertThat(own.allows(true, 60_000)).isTrue();
    }

    /** Against a server of whole seconds, with answers that take their time: nearly all is used, and hardly a 429 comes. */
    @Test
    void windows_areSpentToTheirEnds() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long offset = random.nextInt(100_000_000);
        long end = offset + WINDOW - (offset % 1_000);
        int used = 0;
        int windows = 0;
        int accepted = 0;
        int refused = 0;
        long answerAt = Long.MAX_VALUE;
        RateLimit answer = new RateLimit(LIMIT, LIMIT, 0, 0);
        for (long now = 0; now < 20 * WINDOW; now++) {
            if (now + offset >= end) {
                end += WINDOW;
                accepted += windows > 0 ? used : 0;
                windows++;
                used = 0;
            }
            if (now == answerAt) {
                budget.answered(answer, now);
                if (answer.limit() == 0) {
                    budget.spent(now);
                }
                answerAt = Long.MAX_VALUE;
            }
            if (answerAt == Long.MAX_VALUE && budget.allows(false, now)) {
                budget.sent(now);
                boolean over = used >= LIMIT;
                refused += over ? 1 : 0;
                used += over ? 0 : 1;
                answer = new RateLimit(over ? 0 : LIMIT, LIMIT - used, end / 1_000, (now + offset) / 1_000);
                answerAt = now + 5 + random.nextInt(20);
            }
        }
        assertThat(accepted).as("seed %d: used", seed).isGreaterThan((int) (0.97 * LIMIT * (windows - 1)));
        assertThat(refused).as("seed %d: 429s in %d windows", seed, windows).isLessThan(windows);
    }
}
