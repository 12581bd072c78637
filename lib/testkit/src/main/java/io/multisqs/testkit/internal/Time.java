package io.multisqs.testkit.internal;

import io.multisqs.testkit.VirtualTime;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** The clock of an in-memory SQS: the machine's or a virtual one. */
public final class Time {

  private interface Source {
    long nanoTime();

    boolean await(Lock heldLock, Condition condition, long nanos) throws InterruptedException;

    void signalAll(Condition condition);
  }

  private final Source source;
  // Both clocks are read once, so that instants and nanoseconds never drift apart.
  private final Instant base;
  private final long baseNanos;

  private Time(Source source, Instant base) {
    this.source = source;
    this.base = base;
    this.baseNanos = source.nanoTime();
  }

  /** The machine's clock. */
  public static Time ofMachine() {
    return new Time(
        new Source() {
          @Override
          public long nanoTime() {
            return System.nanoTime();
          }

          @Override
          @SuppressWarnings("WaitNotInLoop") // It is the caller's loop.
          public boolean await(Lock heldLock, Condition condition, long nanos)
              throws InterruptedException {
            return condition.awaitNanos(nanos) > 0;
          }

          @Override
          public void signalAll(Condition condition) {
            condition.signalAll();
          }
        },
        Instant.now());
  }

  /** A clock that a test moves. */
  public static Time of(VirtualTime virtual) {
    return new Time(
        new Source() {
          @Override
          public long nanoTime() {
            return virtual.nanoTime();
          }

          @Override
          public boolean await(Lock heldLock, Condition condition, long nanos)
              throws InterruptedException {
            return virtual.await(heldLock, condition, nanos);
          }

          @Override
          public void signalAll(Condition condition) {
            virtual.signalAll(condition);
          }
        },
        virtual.instant());
  }

  long nanoTime() {
    return source.nanoTime();
  }

  Instant at(long nanoTime) {
    return base.plusNanos(nanoTime - baseNanos);
  }

  boolean await(Lock heldLock, Condition condition, long nanos) throws InterruptedException {
    return source.await(heldLock, condition, nanos);
  }

  void signalAll(Condition condition) {
    source.signalAll(condition);
  }
}
