package io.multisqs.internal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long a queue waits after receives that failed in a row. Guarded by the board's lock. */
final class Backoff {
  private static final long FIRST = Duration.ofMillis(500).toNanos();
  private static final long MAX = Duration.ofSeconds(30).toNanos();

  private int failures;
  private long failedAt;
  private long until;

  /**
   * Counts a failure; returns the wait, doubled each time, with up to half of it off. Receives that
   * were under way together fail together, and count once.
   */
  Duration failed(long askedAt, long now) {
    if (failures > 0 && askedAt - failedAt < 0) {
      return Duration.ofNanos(Math.max(0, until - now));
    }
    failedAt = now;
    long full = Math.min(MAX, FIRST << Math.min(failures, 10));
    failures++;
    long wait = full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    until = now + wait;
    return Duration.ofNanos(wait);
  }

  /** Counts a success; returns how many failures it ends. One asked before a failure ends none. */
  int succeeded(long askedAt) {
    if (failures == 0 || askedAt - failedAt < 0) {
      return 0;
    }
    int ended = failures;
    failures = 0;
    return ended;
  }

  /** Whether the last receive that was answered failed. */
  boolean isFailing() {
    return failures > 0;
  }

  boolean holds(long now) {
    return failures > 0 && until - now > 0;
  }

  long until() {
    return until;
  }
}
