package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.TraitNames;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each rule of the state machine by itself; {@link SimulationTest} tries them all together. */
class DeliveryStateMachineTest {
    private static final TraitNames NAMES = new TraitNames(List.of("n", "big"));
    private static final Outcome ACCEPTED = new Outcome.Accepted(Set.of());
    private static final Outcome FAILED = new Outcome.Failed(500, "broken", null, false);
    private static final Outcome OVERLOADED = new Outcome.Failed(503, "overloaded", null, false);
    private static final Outcome TIMED_OUT = new Outcome.Failed(0, "timed out", null, true);
    private static final Outcome CUT = new Outcome.Failed(0, "reset", null, false, true);
    private static final Outcome REJECTED = new Outcome.Rejected(422, "no", null);
    private static final Outcome FORBIDDEN = new Outcome.Refused(403, "no", null);
    private static final Outcome NOT_FOUND = new Outcome.Refused(404, "no", null);
    private static final Outcome UNAUTHORIZED = new Outcome.Refused(401, "no", null);
    private static final long TIMEOUT = 10_000;
    private static final Event.Scan BACKFILL = new Event.Scan(7, true, false, false);

    private final Map<String, LedgerEntry> stored = new HashMap<>();
    private final ModelInFlightLog inFlightLog = new ModelInFlightLog(3 * TIMEOUT);
    private final Recorder recorder = new Recorder();
    private DeliveryStateMachine machine = machine(4, Batch.AUTO, OnEmailHeld.SEND);
    private long now;
    private long commit = 100;
    private @Nullable RateLimit quota;

    private DeliveryStateMachine machine(int maxInFlight, Batch batch, OnEmailHeld onEmailHeld) {
        return machine(MachineScript.settings(maxInFlight, batch, onEmailHeld));
    }

    private DeliveryStateMachine machine(PipelineSettings settings) {
        return new DeliveryStateMachine(settings, new ModelLedger(stored), new Random(1));
    }

    private void handle(Event event) {
        recorder.record(machine.handle(event, now));
    }

    /** One request at first, until the API has answered. */
    private void warm() {
        change("warm");
        answer(0, ACCEPTED);
        recorder.sent.clear();
    }

    @Test
    void firstRequest_isSentAlone_untilTheApiHasAnswered() {
        change("a");
        change("b");
        change("c");
        assertThat(recorder.users()).containsExactly("a");

        answer(0, ACCEPTED);
        assertThat(recorder.users()).containsExactly("a", "b", "c");
    }

    @Test
    void personInFlight_blocksItsNextState_butNoOtherPerson() {
        warm();
        change("a");
        change("a");
        change("b");
        assertThat(recorder.users()).containsExactly("a", "b");

        answer(0, ACCEPTED);
        assertThat(recorder.users()).containsExactly("a", "b", "a");
    }

    @Test
    void statesThatArriveTogether_areSentAsOne() {
        warm();
        for (int n = 1; n <= 3; n++) {
            handle(new Event.Change(
                    new Position(new Lsn(commit), recorder.ordinal++), upsert("a", null, n, n), null, 0));
        }
        handle(Event.TICK);

        assertThat(recorder.bodies()).singleElement().asString().contains("\"n\":3");
    }

    @Test
    void waitingState_isSuperseded_byTheNextWithItsTraits() {
        warm();
        change(upsert("a", null, 1, 1));
        change(upsert("a", null, 2, 2));
        change(upsert("a", null, 3, 0));
        answer(0, ACCEPTED);

        assertThat(recorder.bodies()).last().asString().contains("\"n\":3").contains("\"big\":2");
        assertThat(recorder.superseded).isEqualTo(1);
        answer(1, ACCEPTED);
        assertThat(machine.load()).isZero();
        assertThat(machine.bytes()).isZero();
    }

    @Test
    void failedState_isSuperseded_byTheOneThatArrivedMeanwhile() {
        warm();
        change(upsert("a", null, 1, 1));
        change(upsert("a", null, 2, 0));
        answer(0, FAILED);
        later(120_000);

        assertThat(recorder.bodies()).last().asString().contains("\"n\":2").contains("\"big\":1");
        answer(1, ACCEPTED);
        assertThat(recorder.sent).hasSize(2);
        assertThat(machine.load()).isZero();
        assertThat(machine.sizes()).containsOnly(0);
    }

    @Test
    void stateThatMovesAnAddress_isNotSuperseded() {
        warm();
        change("a", "x");
        change("a", "y");
        change("a", "z");
        answer(0, ACCEPTED);
        answer(1, ACCEPTED);

        assertThat(recorder.emails()).containsExactly("x", "y", "z");
    }

    @Test
    void addressTaker_waitsForTheRelease() {
        stored.put("a", LedgerEntry.holding(hash("x")));
        warm();
        change("a", "y");
        change("b", "x");
        change("c", "z");
        assertThat(recorder.users()).containsExactly("a", "c");

        answer(0, FAILED);
        assertThat(recorder.users()).containsExactly("a", "c");
        later(60_000);
        answer(2, ACCEPTED);
        assertThat(recorder.users()).containsExactly("a", "c", "a", "b");
    }

    @Test
    void address_isStored_beforeItIsSent() {
        warm();
        recorder.storesAtOnce = false;
        change("a", "x");
        assertThat(recorder.sent).isEmpty();

        recorder.storeAll();
        assertThat(recorder.users()).containsExactly("a");
        assertThat(held("a")).containsExactly(hash("x"));
        change("a", "y");
        answer(0, ACCEPTED);
        recorder.storeAll();
        assertThat(held("a")).containsExactly(hash("x"), hash("y"));
        answer(1, ACCEPTED);
        recorder.storeAll();
        assertThat(held("a")).containsExactly(hash("y"));
    }

    @Test
    void addressOfAnotherHolder_isReportedAndSent() {
        stored.put("a", LedgerEntry.holding(hash("x")));
        change("b", "x");

        assertThat(recorder.heldBy).containsExactly("b takes a's");
        assertThat(recorder.users()).containsExactly("b");
    }

    /** As rows that share an address: each backfill moves it to the row that is sent last. */
    @Test
    void addressThatBothHold_isReportedEachTime() {
        stored.put("a", LedgerEntry.holding(hash("x")));
        stored.put("b", LedgerEntry.holding(hash("x")));
        change("a", "x");
        answer(0, ACCEPTED);
        recorder.storeAll();
        change("b", "x");

        assertThat(recorder.heldBy).containsExactly("a takes b's", "b takes a's");
        assertThat(recorder.users()).containsExactly("a", "b");
    }

    @Test
    void addressOfAnotherHolder_withOnEmailHeldPark_isParked() {
        machine = machine(4, Batch.AUTO, OnEmailHeld.PARK);
        stored.put("a", LedgerEntry.holding(hash("x")));
        change("b", "x");

        assertThat(recorder.parked).containsExactly("b");
        assertThat(recorder.sent).isEmpty();
        assertThat(machine.load()).isZero();
        assertThat(machine.sizes()).containsOnly(0);
    }

    @Test
    void addressBeingReleased_isNotReportedAsHeld() {
        stored.put("a", LedgerEntry.holding(hash("x")));
        warm();
        change("a", "y");
        change("b", "x");

        assertThat(recorder.heldBy).isEmpty();
    }

    @Test
    void position_isTheStartOfTheOldestUnsettledTransaction() {
        warm();
        recorder.positions.clear();
        change("a");
        commit += 100;
        change("b");
        commit += 100;
        handle(new Event.CommitReached(new Lsn(commit)));
        answer(1, ACCEPTED);
        assertThat(recorder.positions).isEmpty();

        answer(0, ACCEPTED);
        assertThat(recorder.positions).containsExactly(new Lsn(300));
    }

    @Test
    void repeatedChange_isIgnored() {
        warm();
        handle(new Event.Change(new Position(new Lsn(500), 0), upsert("a", null, 1, 1), null, 0));
        handle(new Event.Change(new Position(new Lsn(500), 1), upsert("b", null, 1, 1), null, 0));
        handle(Event.TICK);
        handle(new Event.Change(new Position(new Lsn(500), 0), upsert("a", null, 1, 1), null, 0));
        handle(new Event.Change(new Position(new Lsn(500), 1), upsert("b", null, 1, 1), null, 0));
        handle(new Event.Change(new Position(new Lsn(500), 2), upsert("c", null, 1, 1), null, 0));
        handle(Event.TICK);

        assertThat(recorder.users()).containsExactly("a", "b", "c");
    }

    @Test
    void failedAttempt_isRetriedAfterItsRest() {
        warm();
        change("a");
        answer(0, FAILED);
        assertThat(recorder.sent).hasSize(1);

        now = machine.nextAt(now).orElseThrow();
        handle(Event.TICK);
        assertThat(recorder.users()).containsExactly("a", "a");
    }

    @Test
    void requestedPause_stopsAllSending_andOneRequestEndsIt() {
        machine = machine(4, Batch.NEVER, OnEmailHeld.SEND);
        warm();
        change("a");
        answer(0, new Outcome.Failed(429, "slow", Duration.ofSeconds(2), false));
        change("b");
        change("c");
        assertThat(recorder.users()).containsExactly("a");

        later(1_999);
        assertThat(recorder.users()).containsExactly("a");
        later(1);
        assertThat(recorder.users()).containsExactly("a", "a");
        answer(1, ACCEPTED);
        assertThat(recorder.users()).containsExactly("a", "a", "b", "c");
    }

    @Test
    void pauseOfUnknownLength_usesBackoff() {
        warm();
        change("a");
        answer(0, new Outcome.Failed(429, "slow", null, false));
        assertThat(recorder.sent).hasSize(1);
        later(500);

        assertThat(recorder.users()).containsExactly("a", "a");
    }

    @Test
    void refusedToken_haltsAndParksNothing() {
        warm();
        change("a");
        answer(0, UNAUTHORIZED);
        change("b");

        assertThat(recorder.users()).containsExactly("a");
        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.halts).isEqualTo(1);
        assertThat(machine.isHalted()).isTrue();
    }

    @Test
    void forbiddenPerson_isParked_onceAnotherIsAccepted() {
        warm();
        change("a");
        change("b");
        answer(0, FORBIDDEN);
        assertThat(recorder.parked).isEmpty();
        answer(1, ACCEPTED);

        assertThat(recorder.parked).containsExactly("a");
        assertThat(recorder.halts).isZero();
    }

    @Test
    void forbiddenPerson_isParked_ifAnotherWasAcceptedMeanwhile() {
        warm();
        change("a");
        change("b");
        answer(1, ACCEPTED);
        answer(0, FORBIDDEN);

        assertThat(recorder.parked).containsExactly("a");
        assertThat(recorder.halts).isZero();
    }

    @Test
    void acceptance_ofARequestSentBeforeTheRefusal_provesNothing() {
        warm();
        change("a");
        change("b");
        change("c");
        answer(1, NOT_FOUND);
        answer(0, ACCEPTED);
        assertThat(recorder.parked).isEmpty();
        answer(2, NOT_FOUND);

        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.halts).isEqualTo(1);
    }

    @Test
    void acceptance_ofARequestInFlightAtTheRefusal_provesNothing() {
        warm();
        change("a");
        change("b");
        change("c");
        change("d");
        answer(1, NOT_FOUND);
        answer(3, ACCEPTED);
        answer(2, ACCEPTED);
        change("e");
        change("f");
        assertThat(recorder.users()).as("one is tried").endsWith("d", "e");
        answer(4, NOT_FOUND);

        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.halts).isEqualTo(1);
    }

    @Test
    void severalForbiddenPersons_areParked_byATestSentAfterTheirRefusals() {
        warm();
        change("a");
        change("b");
        answer(0, FORBIDDEN);
        change("c");
        answer(1, FORBIDDEN);
        change("d");
        answer(2, ACCEPTED);
        assertThat(recorder.parked).as("b was refused after c was sent").containsExactly("a");
        answer(3, ACCEPTED);

        assertThat(recorder.parked).containsExactly("a", "b");
        assertThat(recorder.halts).isZero();
    }

    @Test
    void twoForbiddenPersons_withNoOtherLeft_halt() {
        warm();
        change("a");
        change("b");
        answer(0, FORBIDDEN);
        answer(1, FORBIDDEN);

        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.halts).isEqualTo(1);
    }

    @Test
    void personThatAlwaysFails_isParked_whenOthersSucceed() {
        warm();
        change("bad");
        for (int attempt = 1; attempt <= 8; attempt++) {
            assertThat(recorder.parked).isEmpty();
            answer(recorder.users().lastIndexOf("bad"), FAILED);
            for (int i = 0; i < 4; i++) {
                change("good" + attempt + i);
                answer(recorder.sent.size() - 1, ACCEPTED);
            }
            later(60_000);
        }

        assertThat(recorder.parked).containsExactly("bad");
        assertThat(machine.load()).isZero();
    }

    @Test
    void outage_parksNoPerson_andSendsOneProbeAtATime() {
        warm();
        for (int i = 0; i < 20; i++) {
            change("u" + i);
        }
        int answered = 0;
        for (int i = 0; i < 100; i++) {
            while (answered < recorder.sent.size()) {
                answer(answered++, OVERLOADED);
            }
            now = machine.nextAt(now).orElseThrow();
            handle(Event.TICK);
        }
        assertThat(recorder.outages).isEqualTo(1);
        assertThat(recorder.parked).isEmpty();
        assertThat(machine.inFlight()).isEqualTo(1);
        assertThat(recorder.users().subList(recorder.sent.size() - 20, recorder.sent.size()))
                .as("the probes' persons")
                .doesNotHaveDuplicates();

        answer(answered, ACCEPTED);
        assertThat(recorder.recoveries).isEqualTo(1);
        assertThat(machine.inFlight()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void window_shrinksOnOverload_andRecovers() {
        machine = machine(64, Batch.NEVER, OnEmailHeld.SEND);
        warm();
        for (int i = 0; i < 1_000; i++) {
            change("u" + i);
        }
        assertThat(machine.inFlight()).isEqualTo(64);
        for (int i = 0; i < 4; i++) {
            answer(i, OVERLOADED);
        }
        assertThat(machine.inFlight()).isEqualTo(60);
        for (int i = 4; i < 40; i++) {
            answer(i, ACCEPTED);
        }
        assertThat(machine.inFlight()).as("the window").isBetween(32, 34);
        for (int i = 40; i < 200; i++) {
            answer(i, ACCEPTED);
        }
        assertThat(machine.inFlight()).as("the window").isBetween(36, 40);
    }

    @Test
    void timedOutPerson_isSentOnceMore_whenNoLateWriteIsPossible() {
        warm();
        recorder.positions.clear();
        change(upsert("a", null, 1, 1));
        commit += 100;
        handle(new Event.CommitReached(new Lsn(commit)));
        now += TIMEOUT;
        answer(0, TIMED_OUT);
        later(500);
        answer(1, ACCEPTED);
        assertThat(recorder.delivered).containsExactly("warm", "a");
        assertThat(recorder.positions).as("it is not settled yet").isEmpty();
        later(2 * TIMEOUT - 501);
        assertThat(recorder.sent).hasSize(2);

        later(1);
        assertThat(recorder.bodies()).last().asString().contains("\"n\":1").contains("\"big\":1");
        answer(2, ACCEPTED);
        assertThat(recorder.positions).containsExactly(new Lsn(commit));
        assertThat(recorder.delivered).containsExactly("warm", "a");
        assertThat(machine.sizes()).containsOnly(0);
    }

    /** Found by the simulation: the dead letter was settled, and the API kept the trait of the state before it. */
    @Test
    void repetition_afterANewerStateWasParked_isNotWhole() {
        machine = machine(4, Batch.NEVER, OnEmailHeld.SEND);
        warm();
        change(upsert("a", null, 1, 1));
        now += TIMEOUT;
        answer(0, TIMED_OUT);
        later(500);
        answer(1, ACCEPTED);
        change(upsert("a", null, 2, 2));
        answer(2, new Outcome.Rejected(422, "no", null));
        change("b");
        answer(3, new Outcome.Failed(429, "slower", Duration.ofMillis(3 * TIMEOUT), false));
        later(2 * TIMEOUT);
        change(upsert("a", null, 3, 0));
        later(TIMEOUT);
        answer(4, ACCEPTED);
        answer(5, ACCEPTED);

        assertThat(recorder.users()).containsExactly("a", "a", "a", "b", "b", "a");
        assertThat(recorder.parked).containsExactly("a");
        assertThat(recorder.deliveredWhole.get(recorder.deliveredWhole.size() - 1))
                .as("the last delivery")
                .isFalse();
    }

    @Test
    void requestOfAnEarlierProcess_isALateWrite() {
        warm();
        change(new Mapped.Upsert(
                new PersonUpsert("a", "x", NAMES, new byte[][] {bytes(1), PersonUpsert.jsonNull()}, true),
                true,
                false));
        beginAgain();
        warm();
        change(new Mapped.Upsert(
                new PersonUpsert("a", "x", NAMES, new byte[][] {bytes(1), PersonUpsert.jsonNull()}, false),
                true,
                false));
        answer(0, ACCEPTED);
        assertThat(recorder.positions).as("the same state does no harm").contains(new Lsn(commit));

        change(upsert("a", "x", 2, 2));
        change(upsert("b", "x", 1, 1));
        answer(1, ACCEPTED);
        assertThat(recorder.emails()).containsExactly("x", "x", "x");
        answer(2, ACCEPTED);
        change(upsert("a", "y", 3, 3));
        assertThat(recorder.sent).as("the address does not move yet").hasSize(3);

        later(3 * TIMEOUT);
        assertThat(recorder.bodies()).last().asString().contains("\"n\":3");
        answer(3, ACCEPTED);
        assertThat(machine.sizes()).containsOnly(0);
    }

    @Test
    void newerState_thanAnEarlierProcessLeft_isSentOnceMore() {
        warm();
        change(upsert("a", null, 1, 1));
        change("b");
        answer(1, ACCEPTED);
        now += TIMEOUT;
        answer(0, TIMED_OUT);
        beginAgain();
        warm();
        recorder.positions.clear();
        change(upsert("a", null, 2, 2));
        change("b");
        answer(0, ACCEPTED);
        answer(1, ACCEPTED);
        assertThat(recorder.positions).as("it is not settled yet").doesNotContain(new Lsn(commit));
        later(2 * TIMEOUT - 1);
        assertThat(recorder.users()).containsExactly("a", "b");

        later(1);
        assertThat(recorder.users()).containsExactly("a", "b", "a");
        answer(2, ACCEPTED);
        assertThat(machine.sizes()).containsOnly(0);
        assertThat(machine.load()).isZero();
    }

    @Test
    void brokenConnection_isALateWrite_onlyIfTheStateChanges() {
        warm();
        change(upsert("a", "x", 1, 1));
        answer(0, CUT);
        later(500);
        answer(1, ACCEPTED);
        assertThat(recorder.positions).as("the same state does no harm").contains(new Lsn(commit));
        change(upsert("a", "x", 2, 2));
        answer(2, ACCEPTED);
        later(2 * TIMEOUT);

        assertThat(recorder.sent).hasSize(4);
        assertThat(recorder.bodies()).last().asString().contains("\"n\":2");
        answer(3, ACCEPTED);
        assertThat(machine.sizes()).containsOnly(0);
    }

    @Test
    void addressSetToNull_isReleased() {
        warm();
        change("a", "x");
        answer(0, ACCEPTED);
        change("a");
        change("b", "x");
        assertThat(recorder.users()).containsExactly("a", "a");

        answer(1, ACCEPTED);
        assertThat(recorder.users()).containsExactly("a", "a", "b");
    }

    @Test
    void probation_withAllRefused_haltsAndParksNoPerson() {
        machine = onProbation();
        for (int i = 0; i < 30; i++) {
            change("u" + i);
        }
        for (int i = 0; i < recorder.sent.size(); i++) {
            answer(i, REJECTED);
        }

        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.rejectionHalts).isEqualTo(1);
        assertThat(recorder.sent).hasSizeLessThan(16);
    }

    @Test
    void probation_withMostAccepted_parksTheRefused() {
        machine = onProbation();
        for (int i = 0; i < 30; i++) {
            change("u" + i);
        }
        for (int i = 0; i < recorder.sent.size(); i++) {
            answer(i, i == 0 || i == 20 ? REJECTED : ACCEPTED);
            assertThat(recorder.parked.isEmpty()).isEqualTo(i < 9);
        }

        assertThat(recorder.parked).containsExactly("u0", "u20");
        assertThat(recorder.delivered).hasSize(28);
        assertThat(machine.load()).isZero();
    }

    @Test
    void probation_withFewPersons_isJudgedWhenAllAreAnswered() {
        machine = onProbation();
        change("a");
        answer(0, REJECTED);

        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.rejectionHalts).isEqualTo(1);
    }

    private DeliveryStateMachine onProbation() {
        return machine(MachineScript.settings(4, Batch.NEVER, OnEmailHeld.SEND).onProbation());
    }

    @Test
    void changeWithMissingValues_isReadAgain() {
        warm();
        Mapped.Upsert whole = (Mapped.Upsert) upsert("a", null, 1, 1);
        handle(new Event.Change(
                new Position(new Lsn(commit), recorder.ordinal++),
                new Mapped.Upsert(whole.person(), false, true),
                key("1"),
                0));
        handle(new Event.Change(
                new Position(new Lsn(commit), recorder.ordinal++), new Mapped.NeedsRead(null), key("2"), 0));
        handle(new Event.Change(
                new Position(new Lsn(commit), recorder.ordinal++), new Mapped.NeedsRead(null), null, 0));
        handle(Event.TICK);

        assertThat(recorder.users()).containsExactly("a");
        assertThat(recorder.reread).containsExactly(key("1"), key("2"));
        assertThat(recorder.parked).containsExactly("");
    }

    /** A process that was killed. */
    private void beginAgain() {
        recorder.sent.clear();
        inFlightLog.now = now;
        machine = machine(4, Batch.AUTO, OnEmailHeld.SEND);
        recorder.sender = new RequestSender(recorder, inFlightLog);
        handle(new Event.Started(inFlightLog.unanswered(), true, Event.Unread.NOTHING, null));
    }

    @Test
    void address_doesNotMove_whileALateWriteMayRestoreIt() {
        warm();
        change("a", "x");
        now += TIMEOUT;
        answer(0, TIMED_OUT);
        later(500);
        answer(1, ACCEPTED);
        change("a", "y");
        change("b", "x");
        assertThat(recorder.emails()).containsExactly("x", "x");

        later(2 * TIMEOUT - 500);
        assertThat(recorder.emails()).containsExactly("x", "x", "y");
        answer(2, ACCEPTED);
        assertThat(recorder.emails()).containsExactly("x", "x", "y", "x");
    }

    @Test
    void marker_isReported_whenEverythingBeforeItIsSettled() {
        warm();
        change("a");
        handle(new Event.Marker("m", false));
        assertThat(recorder.markers).isEmpty();
        answer(0, REJECTED);

        assertThat(recorder.markers).containsExactly("m");
        assertThat(recorder.parked).containsExactly("a");
    }

    @Test
    void latestOnlyMarkers_inARow_keepTheLatest() {
        warm();
        change("a");
        handle(new Event.Marker("passing", false));
        for (int i = 0; i < 1_000; i++) {
            handle(new Event.Marker("beat " + i, true));
        }
        answer(0, REJECTED);

        assertThat(recorder.markers).containsExactly("passing", "beat 999");
    }

    @Test
    void scan_advances_onlyOverSettledChunksWithoutAGap() {
        warm();
        rows("1", "a");
        rows("2", "b");
        handle(new Event.ScanEnded(7));
        answer(1, ACCEPTED);
        assertThat(recorder.scanned).isEmpty();

        answer(0, ACCEPTED);
        assertThat(recorder.scanned).containsExactly(key("1"), key("2"));
        assertThat(recorder.ended).containsExactly(7L);
    }

    @Test
    void liveChanges_goFirst_andRowsGetATenth() {
        machine = machine(1, Batch.NEVER, OnEmailHeld.SEND);
        warm();
        change("blocker");
        String[] users = new String[30];
        Arrays.setAll(users, i -> "row" + i);
        rows("1", users);
        for (int i = 0; i < 30; i++) {
            change("live" + i);
        }
        for (int i = 0; i < 31; i++) {
            answer(i, ACCEPTED);
        }

        assertThat(recorder.users().stream().filter(user -> user.startsWith("row")))
                .hasSizeBetween(3, 4);
    }

    @Test
    void row_thatALiveChangeWaitsFor_isPromoted() {
        stored.put("row", LedgerEntry.holding(hash("x")));
        stored.put("live", LedgerEntry.holding(hash("x")));
        machine = machine(1, Batch.NEVER, OnEmailHeld.SEND);
        warm();
        change("blocker");
        rows("1", "other", "other2");
        handle(new Event.ChunkStarted(BACKFILL, place(), 1, 0, key("2")));
        handle(new Event.Row(key("2"), upsert("row", "y", 1, 1)));
        handle(Event.TICK);
        change("live", "x");
        answer(0, ACCEPTED);
        answer(1, ACCEPTED);

        assertThat(recorder.users()).containsExactly("blocker", "row", "live");
    }

    @Test
    void budget_thatDoesNotKeepUp_isSpentOnBatches() {
        quota = new RateLimit(120, 119, 1_060, 1_000);
        warm();
        String[] users = new String[500];
        Arrays.setAll(users, i -> "row" + i);
        rows("1", users);
        later(1_000);

        assertThat(recorder.sent)
                .isNotEmpty()
                .allMatch(request -> request.batch() && request.upserts().size() == 100);
    }

    @Test
    void budget_thatKeepsUp_isSpentOnSingleUpserts() {
        quota = new RateLimit(1_000, 999, 1_060, 1_000);
        warm();
        for (int i = 0; i < 100; i++) {
            change("u" + i);
            answer(i, ACCEPTED);
        }

        assertThat(recorder.sent).hasSize(100).noneMatch(Action.Send::batch);
    }

    @Test
    void batch_isSettledByPerson_andMissingPersonsAreSentAlone() {
        batchesOf("a", "b", "c");
        answer(0, new Outcome.Accepted(Set.of("a", "c")));

        assertThat(recorder.delivered).contains("a", "c").doesNotContain("b");
        assertThat(recorder.sent.get(1).batch()).isFalse();
        assertThat(recorder.users()).last().isEqualTo("b");
    }

    @Test
    void refusedBatch_isHalved_untilTheRefusedPersonIsFound() {
        String[] users = new String[64];
        Arrays.setAll(users, i -> "u" + i);
        batchesOf(users);
        for (int i = 0; i < recorder.sent.size(); i++) {
            Action.Send request = recorder.sent.get(i);
            boolean bad = MachineScript.users(request).contains("u17");
            Set<String> ids = Set.copyOf(MachineScript.users(request));
            answer(i, bad ? REJECTED : new Outcome.Accepted(ids));
        }

        assertThat(recorder.parked).containsExactly("u17");
        assertThat(recorder.delivered).hasSize(64);
        assertThat(recorder.sent).hasSizeLessThan(20);
    }

    @Test
    void batchCall_thatRefusesEveryPerson_isAbandoned() {
        String[] users = new String[400];
        Arrays.setAll(users, i -> "u" + i);
        machine = machine(4, Batch.ALWAYS, OnEmailHeld.SEND);
        warm();
        rows("1", users);
        for (int i = 0; i < recorder.sent.size(); i++) {
            answer(i, recorder.sent.get(i).batch() ? REJECTED : ACCEPTED);
        }

        assertThat(recorder.delivered).hasSize(401);
        assertThat(recorder.parked).isEmpty();
        assertThat(recorder.sent.size()).isLessThan(450);
    }

    @Test
    void batchCall_thatNamesOthers_isAbandoned() {
        assertThat(batchesOfManyNaming(request -> Set.of("another"))).isLessThan(15);
        assertThat(recorder.abandoned)
                .containsExactly("it refused or left out 20 persons in a row whom the single call accepted");
    }

    @Test
    void batchCall_thatNamesOneOfMany_isAbandoned() {
        assertThat(batchesOfManyNaming(
                        request -> Set.of(MachineScript.users(request).get(0))))
                .isLessThan(15);
        assertThat(recorder.abandoned)
                .containsExactly("it refused or left out 20 persons in a row whom the single call accepted");
    }

    @Test
    void batchCall_thatLeavesFewOut_isKept() {
        batchesOfManyNaming(
                request -> MachineScript.users(request).stream().skip(1).collect(Collectors.toSet()));

        assertThat(recorder.abandoned).isEmpty();
    }

    @Test
    void oneAnswer_thatLeavesManyOut_keepsTheBatchCall() {
        AtomicInteger answers = new AtomicInteger();
        batchesOfManyNaming(request -> MachineScript.users(request).stream()
                .limit(answers.incrementAndGet() == 1 ? 1 : BatchLimits.MAX_PERSONS)
                .collect(Collectors.toSet()));

        assertThat(recorder.abandoned).isEmpty();
    }

    /** The number of batches that 4,000 persons take, who are all accepted one by one. */
    private long batchesOfManyNaming(Function<Action.Send, Set<String>> named) {
        String[] users = new String[4_000];
        Arrays.setAll(users, i -> "u" + i);
        machine = machine(4, Batch.ALWAYS, OnEmailHeld.SEND);
        warm();
        rows("1", users);
        for (int i = 0; i < recorder.sent.size(); i++) {
            Action.Send request = recorder.sent.get(i);
            answer(i, request.batch() ? new Outcome.Accepted(named.apply(request)) : ACCEPTED);
        }
        assertThat(recorder.delivered).hasSize(4_001);
        return recorder.sent.stream().filter(Action.Send::batch).count();
    }

    @Test
    void longPause_isReportedOnce() {
        quota = new RateLimit(120, 0, 4_600, 1_000);
        warm();
        change("a");
        change("b");
        later(60_000);

        assertThat(recorder.sent).isEmpty();
        assertThat(recorder.pauses).containsExactly(Duration.ofSeconds(3_600));
    }

    @Test
    void missingBatchCall_isAbandoned_andPersonsAreSentAlone() {
        batchesOf("a", "b", "c");
        answer(0, NOT_FOUND);
        answer(1, ACCEPTED);
        answer(2, ACCEPTED);
        answer(3, ACCEPTED);

        assertThat(recorder.sent.subList(1, 4)).noneMatch(Action.Send::batch);
        assertThat(recorder.halts).isZero();
        assertThat(recorder.delivered).contains("a", "b", "c");
    }

    @Test
    void personPastADocumentedLimit_isSentAlone() {
        machine = machine(4, Batch.ALWAYS, OnEmailHeld.SEND);
        change("u".repeat(256));

        assertThat(recorder.sent).singleElement().matches(request -> !request.batch());
    }

    @Test
    void refusedBatchOfOne_isSentByTheSingleCall() {
        machine = machine(4, Batch.ALWAYS, OnEmailHeld.SEND);
        change("a");
        answer(0, REJECTED);
        assertThat(recorder.parked).isEmpty();
        answer(1, ACCEPTED);

        assertThat(recorder.sent).extracting(Action.Send::batch).containsExactly(true, false);
        assertThat(recorder.delivered).containsExactly("a");
    }

    @Test
    void tooManyRejections_haltAndParkNoMore() {
        machine = machine(1, Batch.NEVER, OnEmailHeld.SEND);
        for (int i = 0; i < 120; i++) {
            change("u" + i);
        }
        for (int i = 0; i < recorder.sent.size(); i++) {
            answer(i, REJECTED);
        }

        assertThat(recorder.parked).hasSize(99);
        assertThat(recorder.rejectionHalts).isEqualTo(1);
        assertThat(recorder.sent).hasSize(100);
    }

    @Test
    void rowsRequestedByKey_mayBeRefusedInAnyNumber() {
        machine = machine(1, Batch.NEVER, OnEmailHeld.SEND);
        handle(new Event.ChunkStarted(new Event.Scan(0, true, false, false), place(), 120, 0, null));
        for (int i = 0; i < 120; i++) {
            handle(new Event.Row(key("u" + i), upsert("u" + i, null, 1, 1)));
        }
        handle(Event.TICK);
        for (int i = 0; i < recorder.sent.size(); i++) {
            answer(i, REJECTED);
        }

        assertThat(recorder.parked).hasSize(120);
        assertThat(recorder.rejectionHalts).isZero();
    }

    @Test
    void firstDelivery_leavesNullsOut_untilItMayHaveArrived() {
        warm();
        change(first("a", 1));
        change(first("a", null));
        answer(0, FAILED);
        later(60_000);

        assertThat(recorder.bodies()).last().asString().contains("\"n\":null");
    }

    private Mapped first(String user, @Nullable Integer n) {
        byte[][] traits = {n == null ? PersonUpsert.jsonNull() : bytes(n), null};
        return new Mapped.Upsert(new PersonUpsert(user, null, NAMES, traits, true), false, false);
    }

    @Test
    void gauges_showWhatWaitsAndWhatIsInFlight() {
        warm();
        now = 1_000;
        for (String user : List.of("a", "b", "c", "d", "e", "e")) {
            change(user);
        }
        now = 3_000;
        rows("1", "x");

        DeliveryGauges gauges = machine.gauges(now + 500);
        assertThat(gauges.inFlight()).isEqualTo(4);
        assertThat(gauges.open().changes()).isEqualTo(6);
        assertThat(gauges.open().rows()).isEqualTo(1);
        assertThat(gauges.open().inFlight()).isEqualTo(4);
        assertThat(gauges.oldest().change()).hasMillis(2_500);
        assertThat(gauges.oldest().row()).hasMillis(500);
        assertThat(gauges.pause()).isNull();

        for (int request = 0; request < 6; request++) {
            answer(request, ACCEPTED);
        }
        DeliveryGauges nothing = machine.gauges(now);
        assertThat(nothing.open().changes()
                        + nothing.open().rows()
                        + nothing.open().inFlight()
                        + nothing.inFlight())
                .isZero();
        assertThat(nothing.oldest()).isEqualTo(new DeliveryGauges.Oldest(null, null));
        assertThat(nothing.budget()).isEqualTo(new DeliveryGauges.Budget(null, null));
    }

    @Test
    void gauges_showTheRestOfAPause() {
        warm();
        change("a");
        answer(0, new Outcome.Failed(429, "slower", Duration.ofSeconds(20), false));

        assertThat(machine.gauges(now + 5_000).pause())
                .isEqualTo(new DeliveryGauges.Pause(Duration.ofSeconds(15), DeliveryGauges.PauseCause.BUDGET));
        assertThat(machine.gauges(now + 5_000).open().changes()).isEqualTo(1);
    }

    @Test
    void gauges_tellARequestedPauseFromABudget() {
        warm();
        change("a");
        answer(0, new Outcome.Failed(503, "maintenance", Duration.ofSeconds(20), false));
        change("b");

        assertThat(machine.gauges(now + 5_000).pause())
                .isEqualTo(new DeliveryGauges.Pause(Duration.ofSeconds(15), DeliveryGauges.PauseCause.REQUESTED));
    }

    private void batchesOf(String... users) {
        machine = machine(4, Batch.ALWAYS, OnEmailHeld.SEND);
        warm();
        rows("1", users);
        assertThat(recorder.sent).singleElement().matches(Action.Send::batch);
    }

    private void change(String user) {
        change(user, null);
    }

    private void change(String user, @Nullable String email) {
        change(upsert(user, email, 1, 1));
    }

    private void change(Mapped mapped) {
        handle(new Event.CommitReached(new Lsn(commit)));
        handle(new Event.Change(new Position(new Lsn(commit), recorder.ordinal++), mapped, null, 0));
        handle(Event.TICK);
        if (recorder.storesAtOnce) {
            recorder.storeAll();
        }
    }

    private void rows(String upTo, String... users) {
        handle(new Event.ChunkStarted(BACKFILL, place(), users.length, 0, key(upTo)));
        for (String user : users) {
            handle(new Event.Row(key(user), upsert(user, null, 1, 1)));
        }
        handle(Event.TICK);
        recorder.storeAll();
    }

    private void answer(int request, Outcome outcome) {
        Action.Send sent = recorder.sent.get(request);
        Outcome named = sent.batch() && outcome.equals(ACCEPTED)
                ? new Outcome.Accepted(Set.copyOf(MachineScript.users(sent)))
                : outcome;
        handle(new Event.Answered(sent.request(), new Response(named, quota)));
        if (recorder.storesAtOnce) {
            recorder.storeAll();
        }
    }

    private void later(long millis) {
        long end = now + millis;
        while (machine.nextAt(now).orElse(Long.MAX_VALUE) <= end) {
            now = Math.max(now, machine.nextAt(now).orElseThrow());
            handle(Event.TICK);
        }
        now = end;
    }

    private static Mapped upsert(String user, @Nullable String email, int n, int big) {
        byte[][] traits = {bytes(n), big == 0 ? null : bytes(big)};
        return new Mapped.Upsert(new PersonUpsert(user, email, NAMES, traits, false), big != 0, false);
    }

    private static byte[] bytes(int number) {
        return Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static RowKey key(String value) {
        return RowKey.of(List.of(value));
    }

    private long[] held(String user) {
        return stored.getOrDefault(user, LedgerEntry.NONE).addresses();
    }

    /** The place of a marker. */
    private Position place() {
        return new Position(new Lsn(commit), recorder.ordinal);
    }

    private static long hash(String email) {
        return email.hashCode();
    }

    private final class Recorder implements PeopleSender {
        final List<Action.Send> sent = new ArrayList<>();
        final List<String> delivered = new ArrayList<>();
        final List<Boolean> deliveredWhole = new ArrayList<>();
        final List<String> parked = new ArrayList<>();
        final List<Lsn> positions = new ArrayList<>();
        final List<RowKey> scanned = new ArrayList<>();
        final List<Long> ended = new ArrayList<>();
        final List<String> markers = new ArrayList<>();
        final List<String> heldBy = new ArrayList<>();
        final List<Action.StoreEntry> unstored = new ArrayList<>();
        RequestSender sender = new RequestSender(this, inFlightLog);
        boolean storesAtOnce = true;
        long ordinal;
        final List<String> abandoned = new ArrayList<>();
        final List<Duration> pauses = new ArrayList<>();
        final List<RowKey> reread = new ArrayList<>();
        int halts;
        int rejectionHalts;
        int superseded;
        int outages;
        int recoveries;

        List<String> users() {
            return upserts().map(upsert -> upsert.person().userId()).toList();
        }

        List<String> emails() {
            return upserts()
                    .map(upsert -> String.valueOf(upsert.person().email()))
                    .toList();
        }

        List<String> bodies() {
            return upserts()
                    .map(upsert -> new String(upsert.person().json(), StandardCharsets.UTF_8))
                    .toList();
        }

        private Stream<Action.Upsert> upserts() {
            return sent.stream().flatMap(request -> request.upserts().stream());
        }

        void storeAll() {
            while (!unstored.isEmpty()) {
                Action.StoreEntry entry = unstored.remove(0);
                stored.put(entry.userId(), entry.entry());
                handle(new Event.EntriesStored(entry.number()));
            }
        }

        void record(List<Action> actions) {
            actions.forEach(this::record);
        }

        @Override
        public void upsert(PersonUpsert person, Consumer<Response> done) {}

        @Override
        public void batch(List<PersonUpsert> persons, Consumer<Response> done) {}

        private void record(Action action) {
            if (action instanceof Action.Send send) {
                sent.add(send);
                sender.send(send, event -> {});
            } else if (action instanceof Action.EndRequest end) {
                sender.end(end);
            } else if (action instanceof Action.DropTraces traces) {
                sender.drop(traces);
            } else if (action instanceof Action.StoreEntry entry) {
                unstored.add(entry);
            } else if (action instanceof Action.Reread row) {
                reread.add(row.key());
            } else if (action instanceof Action.ChangeKey) {
                throw new AssertionError("no key is changed");
            } else if (action instanceof Action.Delivered one) {
                delivered.add(one.userId());
                deliveredWhole.add(one.whole());
            } else if (action instanceof Action.Park park) {
                parked.add(park.userId());
            } else if (action instanceof Action.AdvancePosition advance) {
                positions.add(advance.position());
            } else if (action instanceof Action.AdvanceScan advance) {
                if (advance.upTo() != null) {
                    scanned.add(advance.upTo());
                }
            } else if (action instanceof Action.EndScan end) {
                ended.add(end.scan());
            } else if (action instanceof Action.ReportMarker marker) {
                markers.add(marker.marker());
            } else if (action instanceof Action.ReportRetry retry) {
                assertThat(retry.delay()).isPositive();
            } else {
                count(action);
            }
        }

        private void count(Action action) {
            if (action instanceof Action.CountSuperseded) {
                superseded++;
            } else if (action instanceof Action.ReportAddressConflict conflict) {
                heldBy.add(conflict.userId() + " takes " + conflict.holder() + "'s");
            } else if (action instanceof Action.ReportPause pause) {
                pauses.add(pause.delay());
            } else if (action instanceof Action.ReportBatchesAbandoned batches) {
                abandoned.add(batches.reason());
            } else if (action instanceof Action.ReportOutage) {
                outages++;
            } else if (action instanceof Action.ReportRecovery) {
                recoveries++;
            } else if (action instanceof Action.HaltRefused) {
                halts++;
            } else if (action instanceof Action.HaltTooManyRejected) {
                rejectionHalts++;
            }
        }
    }
}
