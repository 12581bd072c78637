package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/**
 * For how long the machine stood still, as far as its two clocks tell: monotonic time stands still
 * while a machine, or a virtual one, is suspended, and SQS's clock goes on, as the wall clock does.
 * Where the wall clock gained on monotonic time, leases that were counted before may have run out
 * that much earlier (I6).
 *
 * <p>A wall clock that is set forward looks the same, and is taken for the same. One that is set
 * back counts for nothing; it may hide a suspension that is not longer. Thread-safe: guarded by
 * itself.
 */
final class Suspensions {
  /** A gain up to here is the clocks' own; half of the smallest margin that a lease has. */
  static final Duration LEAST = Duration.ofMillis(100);

  /** Gains beyond these are added up: as if the older of two had been noticed with the later. */
  private static final int MOST = 16;

  private record Gain(long noticedAt, long nanos) {}

  private final ListenerClock clock;
  private final ArrayDeque<Gain> gains = new ArrayDeque<>(); // guarded by this
  private long baseline; // wall time less monotonic time, as last taken in; guarded by this
  private volatile boolean any;

  Suspensions(ListenerClock clock) {
    this.clock = clock;
    long now = clock.nanoTime();
    baseline = wallNanos() - now;
  }

  private long wallNanos() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /**
   * Compares the clocks.
   *
   * @param now monotonic time, read just before
   * @return what the wall clock gained that was not known yet, 0 as a rule
   */
  synchronized long look(long now) {
    long wall = wallNanos();
    long most = wall - now;
    if (most - baseline <= LEAST.toNanos()) {
      baseline = Math.min(baseline, most);
      return 0;
    }
    // The thread may have been kept between the two readings: what the next one says is sure.
    long after = clock.nanoTime();
    long gain = wall - after - baseline;
    if (gain <= LEAST.toNanos()) {
      return 0;
    }
    baseline += gain;
    if (gains.size() == MOST) {
      long oldest = gains.removeFirst().nanos;
      Gain next = gains.removeFirst();
      gains.addFirst(new Gain(next.noticedAt, next.nanos + oldest));
    }
    gains.addLast(new Gain(after, gain));
    any = true;
    return gain;
  }

  /** For how long it may have stood still since a reading of the monotonic clock. */
  long since(long time) {
    return any ? sumSince(time) : 0;
  }

  private synchronized long sumSince(long time) {
    long sum = 0;
    for (Gain gain : gains) {
      sum += gain.noticedAt - time > 0 ? gain.nanos : 0;
    }
    return sum;
  }
}
