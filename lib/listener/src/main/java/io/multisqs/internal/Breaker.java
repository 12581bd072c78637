package io.multisqs.internal;

import io.multisqs.CircuitBreaker;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The circuit breaker of one queue. Guarded by the board's lock. */
final class Breaker {
  private final @Nullable CircuitBreaker settings;
  private @Nullable Class<?> kind;
  private int inARow;
  private boolean open;
  private long openedAt;
  private long probeAt;

  Breaker(Optional<CircuitBreaker> settings) {
    this.settings = settings.orElse(null);
  }

  /** Counts a failure; true if it opens the breaker. While it is open only a probe counts. */
  boolean failed(Throwable failure, long startedAt, long now) {
    if (settings == null || (open && wasOpenedAfter(startedAt))) {
      return false;
    }
    inARow = failure.getClass() == kind ? inARow + 1 : 1;
    kind = failure.getClass();
    if (!open && inARow < settings.failures()) {
      return false;
    }
    boolean opens = !open;
    open = true;
    openedAt = now;
    probeAt = now + settings.pause().toNanos();
    return opens;
  }

  /** Counts a success; true if it closes the breaker. While it is open only a probe counts. */
  boolean succeeded(long startedAt) {
    if (open && wasOpenedAfter(startedAt)) {
      return false;
    }
    boolean closes = open;
    open = false;
    inARow = 0;
    kind = null;
    return closes;
  }

  /** Whether it opened, last, after this time. */
  boolean wasOpenedAfter(long time) {
    return time - openedAt < 0;
  }

  boolean isOpen() {
    return open;
  }

  /** When one message may be received as a probe, while open. */
  long probeAt() {
    return probeAt;
  }
}
