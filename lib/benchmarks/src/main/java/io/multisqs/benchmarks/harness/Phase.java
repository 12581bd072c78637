package io.multisqs.benchmarks.harness;

import java.time.Duration;
import java.util.Locale;

/**
 * One stretch of work, written as {@code name:key=value,key=value}.
 *
 * @param name under which it is reported
 * @param feed where messages come from
 * @param latency of a round trip to the server
 * @param jitter of that
 * @param handler how long a handler takes
 * @param bytes of a body
 * @param settle how long the feed runs before measuring begins
 * @param window how long is measured; with {@link Feed#COUNT} and {@link Feed#BURSTS}, the longest
 *     that is waited
 * @param count messages in all with {@link Feed#COUNT}, a second with {@link Feed#STREAM}, bursts
 *     with {@link Feed#BURSTS}
 */
public record Phase(
    String name,
    Feed feed,
    Duration latency,
    Duration jitter,
    Duration handler,
    int bytes,
    Duration settle,
    Duration window,
    int count) {

  /** Where messages come from. */
  public enum Feed {
    /** The first queue never runs empty. */
    ENDLESS,
    /** One message at a time into the first queue, evenly. */
    STREAM,
    /** None. */
    IDLE,
    /** A number of messages in the first queue at once; measured until the last is handled. */
    COUNT,
    /**
     * The first queue never runs empty, and bursts of 200 arrive in the last, each when the one
     * before is done.
     */
    BURSTS
  }

  /**
   * A phase with these values, all else as by default: 1 KiB, no latency, an idle handler, 2 s to
   * settle, 10 s window.
   */
  public static Phase of(String name, Feed feed) {
    return new Phase(
        name,
        feed,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        1024,
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        feed == Feed.STREAM ? 200 : 3);
  }

  /** The same with another value, by the name it has on the command line. */
  public Phase with(String key, String value) {
    Duration nextLatency = latency;
    Duration nextJitter = jitter;
    Duration nextHandler = handler;
    Duration nextSettle = settle;
    Duration nextWindow = window;
    Feed nextFeed = feed;
    int nextBytes = bytes;
    int nextCount = count;
    switch (key) {
      case "feed" -> nextFeed = Feed.valueOf(value.toUpperCase(Locale.ROOT));
      case "latencyMillis" -> nextLatency = millis(value);
      case "jitterMillis" -> nextJitter = millis(value);
      case "handlerMillis" -> nextHandler = millis(value);
      case "settleMillis" -> nextSettle = millis(value);
      case "windowMillis" -> nextWindow = millis(value);
      case "bytes" -> nextBytes = Integer.parseInt(value);
      case "count" -> nextCount = Integer.parseInt(value);
      default -> throw new IllegalArgumentException("no such setting of a phase: " + key);
    }
    return new Phase(
        name,
        nextFeed,
        nextLatency,
        nextJitter,
        nextHandler,
        nextBytes,
        nextSettle,
        nextWindow,
        nextCount);
  }

  /** Reads what {@link #toString()} writes. */
  public static Phase parse(String text) {
    int colon = text.indexOf(':');
    Phase phase = of(text.substring(0, colon), Feed.ENDLESS);
    for (String pair : text.substring(colon + 1).split(",", -1)) {
      int equals = pair.indexOf('=');
      phase = phase.with(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return phase;
  }

  @Override
  public String toString() {
    return name
        + ":feed="
        + feed.name().toLowerCase(Locale.ROOT)
        + ",latencyMillis="
        + latency.toMillis()
        + ",jitterMillis="
        + jitter.toMillis()
        + ",handlerMillis="
        + handler.toMillis()
        + ",bytes="
        + bytes
        + ",settleMillis="
        + settle.toMillis()
        + ",windowMillis="
        + window.toMillis()
        + ",count="
        + count;
  }

  private static Duration millis(String value) {
    return Duration.ofMillis(Long.parseLong(value));
  }
}
