package ai.flameup.sync.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;

/** Encodes each log event as text in UTF-8, without a header or a footer. May be shared between threads. */
abstract class LogLine extends EncoderBase<ILoggingEvent> {
    private static final byte[] NONE = {};

    /** The text of an event, with its line break. */
    abstract String text(ILoggingEvent event);

    @Override
    public final byte[] encode(ILoggingEvent event) {
        return text(event).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public final byte[] headerBytes() {
        return NONE;
    }

    @Override
    public final byte[] footerBytes() {
        return NONE;
    }
}
