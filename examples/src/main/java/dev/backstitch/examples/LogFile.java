package dev.backstitch.examples;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Sends the log to a file, so that the terminal is free for what a person wants to see. */
final class LogFile {
    /** Messages come from databases and people, too: none begins a line of its own, or reaches a terminal's controls. */
    private static final String LINE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level %thread %logger{20}"
            + " %replace(%msg){'\\p{Cntrl}+', ' '}%n"
            + "%replace(%ex){'[\\p{Cntrl}&&[^\\r\\n\\t]]', ' '}%nopex";

    private LogFile() {}

    static void open(Path file) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        PatternLayoutEncoder lines = new PatternLayoutEncoder();
        lines.setContext(context);
        lines.setPattern(LINE);
        lines.start();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(lines);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("dev.backstitch").setLevel(Level.INFO);
    }
}
