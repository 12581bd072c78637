package io.multisqs;

import java.time.Duration;

/**
 * How a queue is asked for messages: by long poll (the default) or by short poll.
 *
 * <p>A long poll is answered at once when there is a message and otherwise stays open, so that an
 * idle queue costs three requests a minute and a message is noticed the moment it becomes visible.
 * A short poll is answered at once in any case and, by AWS's documentation ("Amazon SQS short and
 * long polling"), asks only a subset of SQS's servers, so that an empty answer proves little.
 *
 * <p>Immutable and safe for use by many threads.
 */
public sealed interface Polling {

  /** The longest wait that SQS accepts for a long poll: 20 s (API reference, ReceiveMessage). */
  Duration MAX_WAIT = Duration.ofSeconds(20);

  /** The default: a long poll of {@link #MAX_WAIT}, since a longer wait is fewer requests. */
  Polling DEFAULT = new LongPoll(MAX_WAIT);

  /** The interval of {@link #shortPoll()}, one request a minute: 60 s. */
  Duration DEFAULT_INTERVAL = Duration.ofSeconds(60);

  /**
   * Asks with a long poll.
   *
   * @param wait how long SQS keeps an empty receive open: whole seconds, 1 s … 20 s
   * @return the setting
   * @throws IllegalArgumentException if {@code wait} is out of range or not in whole seconds
   */
  static Polling longPoll(Duration wait) {
    return new LongPoll(wait);
  }

  /**
   * Asks with short polls, one every {@link #DEFAULT_INTERVAL} while the queue is empty.
   *
   * @return the setting
   */
  static Polling shortPoll() {
    return new ShortPoll(DEFAULT_INTERVAL);
  }

  /**
   * Asks with short polls: at once again while answers bring something, after {@code interval} when
   * one was empty.
   *
   * @param interval the pause after an empty answer: 1 ms … 1 day
   * @return the setting
   * @throws IllegalArgumentException if {@code interval} is out of range
   */
  static Polling shortPoll(Duration interval) {
    return new ShortPoll(interval);
  }

  /**
   * A long poll.
   *
   * @param waitTime how long SQS keeps an empty receive open: whole seconds, 1 s … 20 s
   */
  record LongPoll(Duration waitTime) implements Polling {
    /** Refuses a wait that SQS would not accept. */
    public LongPoll {
      Check.between("long poll wait", waitTime, Duration.ofSeconds(1), MAX_WAIT);
      Check.wholeSeconds("long poll wait", waitTime);
    }
  }

  /**
   * A short poll.
   *
   * @param interval the pause after an empty answer: 1 ms … 1 day
   */
  record ShortPoll(Duration interval) implements Polling {
    /** Refuses an interval out of range. */
    public ShortPoll {
      Check.between("short poll interval", interval, Duration.ofMillis(1), Duration.ofDays(1));
    }
  }
}
