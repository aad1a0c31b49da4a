package ai.flameup.sync.it;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;

/** Accepts the log of a command in this process, otherwise only warnings of the tests. For logback-test.xml. */
public final class CommandLog extends Filter<ILoggingEvent> {
    private boolean ofCommands;

    /** Called by Logback. */
    public void setOfCommands(boolean ofCommands) {
        this.ofCommands = ofCommands;
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        boolean wanted =
                ofCommands == Streams.inUse() && (ofCommands || event.getLevel().isGreaterOrEqual(Level.WARN));
        return wanted ? FilterReply.NEUTRAL : FilterReply.DENY;
    }
}
