package io.multisqs.internal;

import java.time.Duration;

/**
 * Spaces out the long polls of one queue that come back empty at once, as through a proxy or from a
 * faulty server: each next one waits twice as long, to the length of a poll that stands, so that
 * they cost no more than those. A message, or a poll that stood, ends that. Guarded by the board's
 * lock.
 */
final class EmptyPolls {
  private static final long FIRST = Duration.ofMillis(100).toNanos();

  /** One or two are chance; from here on it is said. */
  private static final int TOO_MANY = 3;

  private int early;
  private long lastAt;
  private long until;
  private boolean said;

  /** Takes in an answer; true if it is to be said, which is once, that polls do not stand. */
  boolean answered(Grant grant, int got, long now) {
    long standsFor = grant.standsFor.toNanos();
    if (got > 0 || (standsFor > 0 && now - grant.askedAt >= standsFor / 2)) {
      early = 0;
      return false;
    }
    // Those that were under way together are one.
    if (standsFor == 0 || (early > 0 && grant.askedAt - lastAt < 0)) {
      return false;
    }
    until = now + Math.min(standsFor, FIRST << Math.min(early, 20));
    lastAt = now;
    early++;
    boolean tell = early >= TOO_MANY && !said;
    said |= tell;
    return tell;
  }

  boolean hold(long now) {
    return early > 0 && until - now > 0;
  }

  long until() {
    return until;
  }
}
