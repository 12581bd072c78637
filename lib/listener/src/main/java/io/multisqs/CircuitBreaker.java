package io.multisqs;

import java.time.Duration;

/**
 * Stops receiving from a queue when its handler keeps failing in the same way, so that a database
 * that is down does not burn the receive count of the whole queue.
 *
 * <p>After {@code failures} failures in a row of one exception class the queue is not received from
 * for {@code pause}, and what waits here is released. Then one message is received as a probe: if
 * it is handled the breaker closes, if it fails the pause starts again. Off by default.
 *
 * @param failures failures in a row of one kind that open it: 1 … 10,000
 * @param pause how long nothing is received: 100 ms … 12 h
 */
public record CircuitBreaker(int failures, Duration pause) {
  /** Refuses numbers out of range. */
  public CircuitBreaker {
    Check.between("circuit breaker failures", failures, 1, 10_000);
    Check.between("circuit breaker pause", pause, Duration.ofMillis(100), Duration.ofHours(12));
  }

  /**
   * A breaker.
   *
   * @param failures failures in a row of one kind that open it: 1 … 10,000
   * @param pause how long nothing is received: 100 ms … 12 h
   * @return the setting
   */
  public static CircuitBreaker after(int failures, Duration pause) {
    return new CircuitBreaker(failures, pause);
  }
}
