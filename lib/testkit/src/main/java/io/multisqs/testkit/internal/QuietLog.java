package io.multisqs.testkit.internal;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets only warnings of a noisy library through, in the loggings that SLF4J is usually bound to. A
 * level that the user has set stands.
 */
final class QuietLog {

  // java.util.logging forgets the level of a logger that nobody holds.
  private static final List<java.util.logging.Logger> HELD = new ArrayList<>();

  private QuietLog() {}

  static synchronized void warningsOnly(String... names) {
    for (String name : names) {
      String simple = "org.slf4j.simpleLogger.log." + name;
      if (System.getProperty(simple) == null) {
        System.setProperty(simple, "warn");
      }
      java.util.logging.Logger jul = java.util.logging.Logger.getLogger(name);
      if (jul.getLevel() == null) {
        jul.setLevel(Level.WARNING);
        HELD.add(jul);
      }
      quietLogback(LoggerFactory.getLogger(name));
    }
  }

  // By reflection: the testkit brings no logging of its own.
  private static void quietLogback(Logger logger) {
    if (!logger.getClass().getName().equals("ch.qos.logback.classic.Logger")) {
      return;
    }
    try {
      Class<?> level = Class.forName("ch.qos.logback.classic.Level");
      Method get = logger.getClass().getMethod("getLevel");
      if (get.invoke(logger) == null) {
        logger
            .getClass()
            .getMethod("setLevel", level)
            .invoke(logger, level.getField("WARN").get(null));
      }
    } catch (ReflectiveOperationException e) {
      logger.debug("the log of {} stays as it is", logger.getName(), e);
    }
  }
}
