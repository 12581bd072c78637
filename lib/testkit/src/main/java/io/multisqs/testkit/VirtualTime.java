package io.multisqs.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A clock that stands still until a test moves it, and wakes the threads that wait for it.
 *
 * <p>It starts at {@code 2030-01-01T00:00:00Z} with {@link #nanoTime()} 0, unless told otherwise.
 * Code under test takes {@link #nanoTime()}, {@link #instant()} and {@link #await} as method
 * references, so that it runs on the machine's clock in production.
 *
 * <p>{@link #advance} jumps: it does not stop at the deadlines that it passes. A thread that it
 * wakes sees the new time; a test that cares for the order of two deadlines advances twice.
 *
 * <p>Safe for use by any number of threads. It holds no lock of its own while it takes the lock of
 * a waiter, so it may be advanced with locks of the code under test held or not.
 */
public final class VirtualTime {

  // No record: two threads may wait for the same thing until the same time.
  private static final class Waiter {
    final Lock lock;
    final Condition condition;
    final long deadline;

    Waiter(Lock lock, Condition condition, long deadline) {
      this.lock = lock;
      this.condition = condition;
      this.deadline = deadline;
    }
  }

  private final Instant start;
  private final Object guard = new Object();
  private long now; // guarded by guard
  private final List<Waiter> waiters = new ArrayList<>(); // guarded by guard
  private final Set<Lock> locks =
      Collections.newSetFromMap(new WeakHashMap<>()); // guarded by guard
  private long waits; // guarded by guard

  /** A clock that starts at {@code 2030-01-01T00:00:00Z}. */
  public VirtualTime() {
    this(Instant.parse("2030-01-01T00:00:00Z"));
  }

  /**
   * A clock that starts at the given instant.
   *
   * @param start what {@link #instant()} tells until the first {@link #advance}
   */
  public VirtualTime(Instant start) {
    this.start = start;
  }

  /**
   * Nanoseconds since the start, as {@link System#nanoTime()} tells them.
   *
   * @return how far this clock has been advanced in all
   */
  public long nanoTime() {
    synchronized (guard) {
      return now;
    }
  }

  /**
   * The time of day, as {@link Instant#now()} tells it.
   *
   * @return the start plus {@link #nanoTime()}
   */
  public Instant instant() {
    return start.plusNanos(nanoTime());
  }

  /**
   * Moves the clock forward and wakes every thread whose deadline it has reached. Those threads are
   * no longer among the {@link #waiters()} when this returns, but need not have run yet.
   *
   * @param step how far; zero or more
   * @throws IllegalArgumentException if the step is negative
   */
  public void advance(Duration step) {
    if (step.isNegative()) {
      throw new IllegalArgumentException("a clock goes forward only, was told " + step);
    }
    List<Waiter> due = new ArrayList<>();
    synchronized (guard) {
      now += step.toNanos();
      for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
        Waiter waiter = each.next();
        if (waiter.deadline <= now) {
          each.remove();
          due.add(waiter);
        }
      }
    }
    due.forEach(VirtualTime::wake);
  }

  /**
   * Waits as {@link Condition#awaitNanos} does, but on this clock: blocks the calling thread until
   * the condition is signalled, the thread is interrupted, or this clock has been advanced by the
   * given time. It may wake without cause, so call it in a loop.
   *
   * @param heldLock the lock that the condition belongs to, held by the calling thread
   * @param condition what to wait for
   * @param nanos how long to wait, on this clock; zero or less returns at once
   * @return false if the time is over, true if some of it is left
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  @SuppressWarnings("WaitNotInLoop") // It is the caller's loop, as with Condition.awaitNanos.
  public boolean await(Lock heldLock, Condition condition, long nanos) throws InterruptedException {
    Waiter waiter;
    synchronized (guard) {
      if (nanos <= 0) {
        return false;
      }
      waiter = new Waiter(heldLock, condition, deadlineAfter(nanos));
      waiters.add(waiter);
      locks.add(heldLock);
      waits++;
    }
    // advance() needs heldLock to signal, and the condition gives that up only once it waits: no
    // signal falls into the gap between the two.
    try {
      condition.await();
    } finally {
      forget(waiter);
    }
    return nanoTime() < waiter.deadline;
  }

  /**
   * Signals a condition for all who wait for it and takes them off {@link #waiters()} at once,
   * where a plain {@code signalAll()} leaves them counted until they have run. The caller holds the
   * condition's lock.
   *
   * @param condition what has come true
   */
  public void signalAll(Condition condition) {
    synchronized (guard) {
      waiters.removeIf(waiter -> waiter.condition == condition);
    }
    condition.signalAll();
  }

  /**
   * How many threads wait in {@link #await} and have not been woken by this clock. A test that
   * awaits the expected number knows that those threads have nothing left to do.
   *
   * @return the number of waiting threads
   */
  public int waiters() {
    synchronized (guard) {
      return waiters.size();
    }
  }

  /** The earliest time at which a waiting thread is to be woken; empty if none waits for a time. */
  OptionalLong nextDeadline() {
    synchronized (guard) {
      return waiters.stream()
          .mapToLong(waiter -> waiter.deadline)
          .filter(deadline -> deadline < Long.MAX_VALUE)
          .min();
    }
  }

  /** How often a thread has begun to wait: another number means that something happened. */
  long waits() {
    synchronized (guard) {
      return waits;
    }
  }

  /**
   * Whether a thread holds, or is about to take, one of the locks that were waited with. One that a
   * condition's signal woke is about to, from the signal on, however late it runs.
   */
  boolean isLockWanted() {
    List<Lock> all;
    synchronized (guard) {
      all = List.copyOf(locks);
    }
    return all.stream()
        .anyMatch(
            lock ->
                lock instanceof ReentrantLock known
                    && (known.isLocked() || known.hasQueuedThreads()));
  }

  private long deadlineAfter(long nanos) {
    return nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + nanos;
  }

  private void forget(Waiter waiter) {
    synchronized (guard) {
      waiters.remove(waiter);
    }
  }

  private static void wake(Waiter waiter) {
    waiter.lock.lock();
    try {
      waiter.condition.signalAll();
    } finally {
      waiter.lock.unlock();
    }
  }
}
