package ai.flameup.sync.demo;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * What happens in the demo, while a workload changes rows: the API refuses a person, it has an outage, and the job is killed
 * and started again. Each is a line with what was seen. For one thread.
 */
final class Story {
    private static final String REFUSED = "refused@example.com";
    private static final long BETWEEN_MILLIS = 1_000;
    private static final long OUTAGE_MILLIS = 3_000;

    private final DemoPostgres postgres;
    private final StandInServer standIn;
    private final Job job;
    private final Observer observer;
    private final PrintWriter out;

    /** The job, and the guard that must know its process. */
    record Job(JobProcess process, Guard guard) {}

    Story(DemoPostgres postgres, StandInServer standIn, Job job, Observer observer, PrintWriter out) {
        this.postgres = postgres;
        this.standIn = standIn;
        this.job = job;
        this.observer = observer;
        this.out = out;
    }

    /**
     * Starts the job, lets everything happen, and compares every row with every person.
     *
     * @param seconds how long the workload lasts at least: it lasts until everything has happened
     */
    Comparison.Result happen(int seconds) throws InterruptedException {
        startJob();
        double loading = observer.until("loaded the table", () -> compare().differences() == 0);
        Comparison.Result loaded = compare();
        say("First load:  %,d rows, %,d people after %.1f s", loaded.rows(), loaded.persons(), loading);
        long resent;
        long changes;
        try (Workload workload = workload()) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            say("Workload:    an application changes about 20 rows a second, for at least %d s", seconds);
            observer.pause(BETWEEN_MILLIS);
            String user = refuseOne();
            observer.pause(BETWEEN_MILLIS);
            fail(workload);
            observer.pause(BETWEEN_MILLIS);
            resent = kill(workload);
            retry(user);
            observer.pause(Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            changes = workload.changes();
        }
        say("End:         the workload has changed %,d rows; the job delivers the rest", changes);
        observer.holds(() -> compare().differences() == 0);
        Comparison.Result result = compare();
        prove(resent, result);
        return result;
    }

    private void startJob() {
        job.process().start();
        job.guard().job(job.process().pid());
    }

    private Workload workload() {
        return Workload.start(
                postgres.jdbcUrl(),
                postgres.username(),
                postgres.password(),
                ThreadLocalRandom.current().nextLong());
    }

    private Comparison.Result compare() {
        return Comparison.of(postgres, standIn.people());
    }

    private String refuseOne() throws InterruptedException {
        long accepted = standIn.accepted();
        standIn.refuse(REFUSED);
        String user = insertRefused();
        observer.until("recorded a dead letter", () -> observer.deadLetters() > 0 && standIn.accepted() > accepted);
        say(
                "Refusal:     the API refused user %s (422), who became a dead letter; it accepted %,d others meanwhile",
                user, standIn.accepted() - accepted);
        return user;
    }

    /** The workload changes only rows that were there at its start, and its own. */
    private String insertRefused() {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("INSERT INTO public.users (email, first_name) VALUES ('"
                        + REFUSED + "', 'Rita') RETURNING id")) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new Fault(ExitCode.POSTGRES, "the demo's Postgres does not respond: " + e.getMessage(), e);
        }
    }

    private void fail(Workload workload) throws InterruptedException {
        long changes = workload.changes();
        standIn.fail(true);
        observer.pause(OUTAGE_MILLIS);
        observer.until("sent a request in the outage", () -> standIn.failed() > 0);
        long waiting = workload.changes() - changes;
        long accepted = standIn.accepted();
        standIn.fail(false);
        double resumed = observer.until("resumed after the outage", () -> standIn.accepted() > accepted);
        say(
                "Outage:      the API answered %,d requests with 503 for %d s, and %,d rows changed; the job resumed after %.1f s",
                standIn.failed(), TimeUnit.MILLISECONDS.toSeconds(OUTAGE_MILLIS), waiting, resumed);
    }

    /** Returns how many persons were sent until the job was in step again. */
    private long kill(Workload workload) throws InterruptedException {
        long killed = job.process().pid();
        job.process().kill();
        long accepted = standIn.accepted();
        long changes = workload.changes();
        startJob();
        double resumed = observer.until("resumed after the kill", () -> standIn.accepted() > accepted);
        long missed = workload.changes() - changes;
        observer.until("caught up after the kill", observer::isInStep);
        say(
                "Kill:        SIGKILL ended the job (process %d), and %,d rows changed; process %d resumed after %.1f s",
                killed, missed, job.process().pid(), resumed);
        return standIn.accepted() - accepted;
    }

    private void retry(String user) throws InterruptedException {
        standIn.refuse(null);
        int code = job.process().execute("dead-letters", "retry", "--all", "--yes");
        if (code != 0) {
            throw new Fault(ExitCode.ATTENTION, "dead-letters retry ended with " + code + "; see " + observer.log());
        }
        observer.until(
                "delivered user " + user,
                () -> !standIn.people().search(user, REFUSED).isEmpty());
        say("Retry:       the API accepts user %s again; dead-letters retry delivered this person", user);
    }

    private void prove(long resent, Comparison.Result result) {
        say("Result:      %s", result.summary());
        result.described().forEach(out::println);
        if (result.differences() == 0) {
            say(
                    "- SIGKILL lost nothing: the next process resumed by itself, and sent %,d people instead of all %,d",
                    resent, result.rows());
            say("- The outage lost nothing: the job waited, and resumed by itself");
            say("- The refused person delayed no other, and was delivered once the API accepted it");
        }
    }

    /** Continues with a new workload until the demo is stopped. */
    void keepOpen() throws InterruptedException {
        try (Workload workload = workload()) {
            say("The job and the workload continue for the status page. Press Ctrl-C to end");
            observer.stop().await();
            say("The workload has changed %,d more rows", workload.changes());
        }
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }
}
