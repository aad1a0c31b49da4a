package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.ACCEPTED;
import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.Deferral;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When changes are deferred, and what goes first then. The order of addresses among deferred rows is tried by the simulation. */
class DeferringTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Outcome TIMED_OUT = new Outcome.Failed(0, "timed out", null, true);
    private static final Outcome UNAVAILABLE = new Outcome.Failed(503, "unavailable", null, false);

    private static MachineScript script(Deferral deferral, long requestsPerMinute) {
        PipelineSettings settings = MachineScript.settings(1, Batch.NEVER, OnEmailHeld.SEND);
        return new MachineScript(new PipelineSettings(
                new PipelineSettings.Requests(1, Batch.NEVER, Duration.ofSeconds(10), requestsPerMinute),
                settings.refusals(),
                false,
                deferral));
    }

    private static MachineScript ofTransactions(int max) {
        return script(new Deferral(LONG, PipelineSettings.UNLIMITED, max), PipelineSettings.UNLIMITED);
    }

    private static void transaction(MachineScript script, int users) {
        script.begin();
        for (int user = 1; user <= users; user++) {
            script.more(state("u" + user, null, 1), key("" + user));
            script.tick();
        }
    }

    @Test
    void largeTransaction_isDeferredFromTheFirstUnsentChangeOn() {
        MachineScript script = ofTransactions(5);

        transaction(script, 8);
        script.end();

        assertThat(script.events).filteredOn(event -> event.startsWith("send")).hasSize(1);
        assertThat(script.events)
                .filteredOn(event -> event.startsWith("put off"))
                .containsExactly(
                        "put off 2", "put off 3", "put off 4", "put off 5", "put off 6", "put off 7", "put off 8");
        script.answer(0, ACCEPTED);
        script.store();
        assertThat(script.machine.load()).isZero();
        assertThat(script.position).as("past the transaction").isEqualTo(new Lsn(250));
    }

    @Test
    void changeBehindALargeTransaction_isSentAtOnce() {
        MachineScript script = ofTransactions(5);
        transaction(script, 8);
        script.end();
        script.answer(0, ACCEPTED);
        script.store();

        script.change(state("new", null, 1), key("new"));

        assertThat(script.sent).hasSize(2);
        assertThat(script.events).last().asString().contains("\"userId\":\"new\"");
    }

    @Test
    void changeOfADeferredRow_takesItsKeyOut() {
        MachineScript script = ofTransactions(5);
        transaction(script, 8);
        script.end();

        script.change(state("u7", null, 2), key("7"));

        assertThat(script.events).contains("drop 7");
    }

    @Test
    void deferredDelete_keepsItsUser() {
        MachineScript script = ofTransactions(3);
        transaction(script, 4);

        script.more(
                new Mapped.Upsert(MachineScript.person("u9", null, null, null, "true"), true, false, true), key("9"));

        assertThat(script.events).contains("put off user u9");
    }

    @Test
    void changesThatWouldWaitTooLong_areDeferred() {
        // Two requests a minute, so that ten changes take five minutes.
        MachineScript script =
                script(new Deferral(Duration.ofMinutes(4), PipelineSettings.UNLIMITED, Integer.MAX_VALUE), 2);
        for (int user = 1; user <= 8; user++) {
            script.change(state("u" + user, null, 1), key("" + user));
        }
        assertThat(script.events).noneMatch(event -> event.startsWith("put off"));

        script.change(state("u9", null, 1), key("9"));

        assertThat(script.events).contains("put off 2", "put off 9").doesNotContain("put off 1");
    }

    @Test
    void changesThatHoldBackTooMuchWal_areDeferred() {
        MachineScript script = script(new Deferral(LONG, 1_000, Integer.MAX_VALUE), PipelineSettings.UNLIMITED);
        script.change(state("u1", null, 1), key("1"));
        script.change(state("u2", null, 1), key("2"));

        script.handle(new Event.WalWritten(new Lsn(900)));
        assertThat(script.events).doesNotContain("put off 2");
        script.handle(new Event.WalWritten(new Lsn(5_000)));

        assertThat(script.events).contains("put off 2").doesNotContain("put off 1");
    }

    /** It would hold back the position for the time of an outage. */
    @Test
    void repetitionAfterALateWrite_isDeferredAsWell() {
        MachineScript script = script(new Deferral(LONG, 1_000, Integer.MAX_VALUE), PipelineSettings.UNLIMITED);
        script.change(state("u1", null, 1), key("1"));
        script.end();
        script.now += 10_000;
        script.answer(0, TIMED_OUT);
        script.later(1_000);
        script.answer(1, ACCEPTED);
        script.store();
        script.later(20_000);
        assertThat(script.sent).as("the repetition").hasSize(3);

        script.answer(2, UNAVAILABLE);
        script.handle(new Event.WalWritten(new Lsn(5_000)));

        assertThat(script.events).contains("put off 1");
        assertThat(script.position).isEqualTo(new Lsn(250));
        assertThat(Objects.requireNonNull(script.stored.get("u1")).mustRepeat())
                .as("so that the row is sent")
                .isTrue();
    }

    private static Mapped.Upsert large(int user) {
        String text = '"' + "x".repeat(1 << 20) + '"';
        return new Mapped.Upsert(MachineScript.person("u" + user, null, "1", text, "null"), true, false);
    }

    /** There is no room for as many changes as make a transaction of small rows a large one. */
    @Test
    void transactionOfLargeRows_isDeferredBeforeThereIsNoRoom() {
        MachineScript script = ofTransactions(1_000);

        script.begin();
        for (int user = 1; user <= 22; user++) {
            script.more(large(user), key("" + user));
            script.tick();
        }

        assertThat(script.events).contains("put off 2", "put off 22");
        assertThat(script.machine.bytes()).isLessThan(2 << 20);
    }

    @Test
    void largeRowsThatWereRead_deferNoChange() {
        MachineScript script = ofTransactions(1_000);
        for (int user = 1; user <= 14; user++) {
            script.row(large(user), key("" + user));
        }

        script.change(large(15), key("15"));

        assertThat(script.events).noneMatch(event -> event.startsWith("put off"));
    }

    /** Found on reading: its size was counted as free twice. */
    @Test
    void deferredDelete_whoseRowIsInsertedInItsTransaction_releasesItsBytesOnce() {
        MachineScript script = script(new Deferral(LONG, 1_000, Integer.MAX_VALUE), PipelineSettings.UNLIMITED);
        script.begin();
        script.more(state("first", null, 1), key("0"));
        script.tick();
        script.more(
                new Mapped.Upsert(MachineScript.person("u1", null, null, null, "true"), true, false, true), key("1"));
        script.handle(new Event.WalWritten(new Lsn(5_000)));
        assertThat(script.events).contains("put off user u1");
        script.more(state("u1", null, 2), key("1"));
        script.end();
        script.answer(0, ACCEPTED);
        script.store();
        script.answer(1, ACCEPTED);

        assertThat(script.machine.bytes()).isZero();
    }

    @Test
    void takerOfAnAddress_whoseHolderMayBeDeferred_isReadWithTheHolder() {
        MachineScript script = ofTransactions(3);
        script.stored.put("u4", LedgerEntry.holding("a@x".hashCode()));
        transaction(script, 4);
        script.end();
        script.answer(0, ACCEPTED);
        script.store();

        script.change(state("new", "a@x", 1), key("new"));
        assertThat(script.events).contains("defer new");
        assertThat(script.sent).hasSize(1);

        script.row(state("new", "a@x", 1), key("new"), Set.of("u4"));
        script.store();
        assertThat(script.sent).as("the holder's row still has it").hasSize(2);
    }

    /** The holder's row maps to no person, for example. */
    @Test
    void takerOfAnAddress_whoseHolderIsNeverRead_isSentAfterSomeReads() {
        MachineScript script = ofTransactions(3);
        script.stored.put("u4", LedgerEntry.holding("a@x".hashCode()));

        for (int read = 0; read < 5; read++) {
            script.row(state("new", "a@x", 1), key("new"));
        }
        script.store();
        assertThat(script.sent).isEmpty();
        assertThat(script.events).filteredOn("defer new"::equals).hasSize(5);
        script.row(state("new", "a@x", 1), key("new"));
        script.store();
        assertThat(script.sent).hasSize(1);

        // The next address that it takes is another matter.
        script.stored.put("u5", LedgerEntry.holding("b@x".hashCode()));
        script.answer(0, ACCEPTED);
        script.change(state("new", "b@x", 2), key("new"));
        script.store();
        assertThat(script.events).filteredOn("defer new"::equals).hasSize(6);
    }

    /** The key was dropped for a change that the stream repeats: until then the holder's newest row is not known. */
    @Test
    void takerOfAnAddress_beforeARepeatedChange_isReadWithTheHolder() {
        MachineScript script = ofTransactions(3);
        script.stored.put("u4", LedgerEntry.holding("a@x".hashCode()));
        script.handle(new Event.Started(List.of(), true, Event.Unread.NOTHING, new Lsn(200)));

        script.change(state("new", "a@x", 1), key("new"));
        assertThat(script.events).contains("defer new");
        script.handle(new Event.NothingToRead(1));
        script.change(state("other", null, 1), key("other"));
        script.change(state("newer", "a@x", 1), key("newer"));

        assertThat(script.events).as("the stream has passed it").doesNotContain("defer newer");
    }

    @Test
    void takerOfAnAddress_afterAnEarlierDeferral_isSent() {
        MachineScript script = ofTransactions(3);
        script.stored.put("u4", LedgerEntry.holding("a@x".hashCode()));
        script.handle(new Event.Started(List.of(), true, Event.Unread.NOTHING, new Lsn(50)));

        script.change(state("new", "a@x", 1), key("new"));

        assertThat(script.events).doesNotContain("defer new");
    }

    /** Found by the simulation: nothing was left to read in the store, and a later deferral was forgotten. */
    @Test
    void answerAboutAnEmptyStore_isIgnoredIfMoreWasDeferredSince() {
        MachineScript script = ofTransactions(3);
        script.stored.put("u4", LedgerEntry.holding("a@x".hashCode()));
        transaction(script, 4);
        script.end();
        script.answer(0, ACCEPTED);
        script.store();

        script.handle(new Event.NothingToRead(1));
        script.change(state("new", "a@x", 1), key("new"));

        assertThat(script.events).contains("defer new").doesNotContain("all sent");
        script.handle(new Event.NothingToRead(4));
        assertThat(script.events).contains("all sent");
    }
}
