package io.multisqs.internal;

import java.time.Duration;

/**
 * Tells messages that had lain in their queue from those that had just been sent, by {@code
 * SentTimestamp}, though SQS's clock and the machine's differ: the least age seen lately is taken
 * to be that of a fresh message, and holds the clocks' difference. Guarded by the board's lock.
 */
final class MessageAges {
  /** A clock that is set, or drifts, is forgotten after two of these. */
  private static final long WINDOW = Duration.ofMinutes(5).toNanos();

  /** SQS's time is in milliseconds, and a busy machine takes in an answer late. */
  private static final long SLACK_MILLIS = 10;

  /** With fewer seen, the two clocks are taken to agree: a first message may have lain for long. */
  private static final int FEW = 10;

  private int seen;
  private long least = Long.MAX_VALUE;
  private long leastBefore = Long.MAX_VALUE;
  private long windowFrom;

  MessageAges(long now) {
    windowFrom = now;
  }

  /** Takes note of a message's age by the two clocks, which may be negative. */
  void sample(long ageMillis, long now) {
    if (now - windowFrom >= WINDOW) {
      leastBefore = now - windowFrom < 2 * WINDOW ? least : Long.MAX_VALUE;
      least = Long.MAX_VALUE;
      windowFrom = now;
    }
    least = Math.min(least, ageMillis);
    seen = Math.min(FEW, seen + 1);
  }

  /** Whether a message of this age had lain there for longer than a round trip. */
  boolean lay(long ageMillis, long roundTripNanos) {
    long fresh = Math.min(least, leastBefore);
    if (seen < FEW) {
      fresh = Math.min(fresh, 0);
    }
    return ageMillis - fresh > roundTripNanos / 1_000_000 + SLACK_MILLIS;
  }
}
