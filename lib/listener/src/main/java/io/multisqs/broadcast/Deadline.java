package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;

/** The time by which something has to be over. */
final class Deadline {
  private final ListenerClock clock;
  private final long end;

  Deadline(ListenerClock clock, Duration from) {
    this.clock = clock;
    this.end = clock.nanoTime() + from.toNanos();
  }

  /** What is left of it, or zero. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, end - clock.nanoTime()));
  }
}
