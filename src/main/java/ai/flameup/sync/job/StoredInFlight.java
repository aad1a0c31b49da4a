package ai.flameup.sync.job;

import ai.flameup.sync.pipeline.Unanswered;
import ai.flameup.sync.state.InFlightFile;
import java.util.List;

/** What is in flight, as the state directory keeps it. For one thread. */
record StoredInFlight(InFlightFile file) implements Unanswered {
    @Override
    public List<Left> left() {
        return file.left().stream()
                .map(left -> new Left(trace(left.entry()), left.remaining().toMillis()))
                .toList();
    }

    private static Trace trace(InFlightFile.Entry entry) {
        return new Trace(entry.person(), entry.state(), entry.address());
    }

    @Override
    public int sent(Trace trace) {
        return file.sent(new InFlightFile.Entry(trace.person(), trace.state(), trace.address()));
    }

    @Override
    public void answered(int number) {
        file.answered(number);
    }

    @Override
    public void late(int number) {
        file.late(number);
    }
}
