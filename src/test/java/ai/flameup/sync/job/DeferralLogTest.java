package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.pipeline.Action.DeferralCause;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DeferralLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(DeferralLog.class);
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();
    private final DeferralLog log = new DeferralLog();

    @BeforeEach
    void attach() {
        events.start();
        logger.addAppender(events);
    }

    @AfterEach
    void detach() {
        logger.detachAppender(events);
    }

    private List<String> lines() {
        return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void nothingDeferred_logsNothing() {
        log.begin(DeferralCause.WAIT);
        log.end();

        assertThat(lines()).isEmpty();
    }

    @Test
    void deferredChanges_logCauseOnce_andTheirNumber() {
        log.begin(DeferralCause.TRANSACTION);
        log.deferred();
        log.deferred();
        log.end();

        assertThat(lines()).hasSize(2).first().asString().startsWith("One transaction has more changes");
        assertThat(lines()).last().isEqualTo("No change is deferred any more: deferred_in_this_run=2");
    }
}
