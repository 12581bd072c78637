package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * How long a receive may be outstanding before its silence proves the queue empty: fixed, or from
 * the round trips seen.
 */
final class PriorityHold {
  private static final long FIRST = ListenerOptions.FIRST_HOLD.toNanos();
  private static final long MAX = ListenerOptions.MAX_ADAPTIVE_HOLD.toNanos();

  /** What a busy machine may add to a round trip: a thread that is scheduled late, a collection. */
  private static final long SLACK = Duration.ofMillis(10).toNanos();

  private final long fixed;

  PriorityHold(Optional<Duration> fixed) {
    this.fixed = fixed.map(Duration::toNanos).orElse(-1L);
  }

  long of(ReceiveTimes times) {
    if (fixed >= 0) {
      return fixed;
    }
    return times.isKnown() ? Math.min(MAX, times.generous() + SLACK) : FIRST;
  }
}
