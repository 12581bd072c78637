package io.multisqs.internal;

import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A logger that never throws (I14). What others threw is asked for its message when it is logged,
 * and so is whatever a line names; either may throw in turn, as may the logger itself.
 */
final class Log {
  private final Logger logger;

  private Log(Logger logger) {
    this.logger = logger;
  }

  static Log of(String name) {
    return new Log(LoggerFactory.getLogger(name));
  }

  void debug(String text, Object... about) {
    say(logger::debug, text, about);
  }

  void info(String text, Object... about) {
    say(logger::info, text, about);
  }

  void warn(String text, Object... about) {
    say(logger::warn, text, about);
  }

  void error(String text, Object... about) {
    say(logger::error, text, about);
  }

  private static void say(BiConsumer<String, Object[]> logger, String text, Object... about) {
    try {
      logger.accept(text, about);
    } catch (RuntimeException | Error e) {
      sayWithTypesAlone(logger, text, about);
    }
  }

  private static void sayWithTypesAlone(
      BiConsumer<String, Object[]> logger, String text, Object... about) {
    try {
      Object[] types = new Object[about.length];
      boolean thrown = false;
      for (int i = 0; i < about.length; i++) {
        thrown |= about[i] instanceof Throwable;
        types[i] = isPlain(about[i]) ? about[i] : about[i].getClass().getName();
      }
      logger.accept(thrown ? text + "; its {} cannot be logged" : text, types);
    } catch (RuntimeException | Error e) {
      // The logger itself is broken, or there is no memory: nobody to tell, and work to go on with.
      Thread.onSpinWait();
    }
  }

  private static boolean isPlain(Object value) {
    return value == null || value instanceof String || value instanceof Number;
  }
}
