package ai.flameup.sync.job;

import ai.flameup.sync.pipeline.InFlightLog;
import ai.flameup.sync.pipeline.RequestTrace;
import ai.flameup.sync.state.directory.InFlightFile;
import java.util.List;

/** What is in flight, as the state directory keeps it. For one thread. */
record StoredInFlight(InFlightFile file) implements InFlightLog {
    @Override
    public List<RequestTrace.Unanswered> unanswered() {
        return file.unanswered().stream()
                .map(left -> new RequestTrace.Unanswered(
                        trace(left.entry()), left.remaining().toMillis()))
                .toList();
    }

    private static RequestTrace trace(InFlightFile.Entry entry) {
        return new RequestTrace(entry.person(), entry.state(), entry.address(), entry.position());
    }

    @Override
    public void forget(long person) {
        file.forget(person);
    }

    @Override
    public int sent(RequestTrace trace) {
        return file.sent(new InFlightFile.Entry(trace.person(), trace.state(), trace.address(), trace.position()));
    }

    @Override
    public void answered(int number) {
        file.answered(number);
    }

    @Override
    public void unclear(int number) {
        file.unclear(number);
    }

    @Override
    public void late(int number) {
        file.late(number);
    }
}
