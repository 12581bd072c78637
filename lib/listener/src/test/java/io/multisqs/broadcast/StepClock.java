package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A clock whose waits are over at once: they move it by what they asked for. The thread of a lease
 * alone really waits, until it is signalled: a test renews by hand.
 */
final class StepClock implements ListenerClock {
  static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();

  void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  Duration elapsed() {
    return Duration.ofNanos(nanos.get());
  }

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public Instant instant() {
    return START.plusNanos(nanos.get());
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // every caller has its own loop
  public void await(Lock held, Condition condition, long wait) throws InterruptedException {
    if (Thread.currentThread().getName().equals("multisqs-broadcast-lease")) {
      condition.await();
    } else {
      nanos.addAndGet(wait);
    }
  }
}
