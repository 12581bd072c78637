package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Waiting on a clock that tests can move, until the time is over or somebody ends it for good. */
final class Pauses {
  private final ListenerClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean ended; // guarded by lock

  Pauses(ListenerClock clock) {
    this.clock = clock;
  }

  /**
   * Waits.
   *
   * @return false if it was ended, now or before
   */
  boolean pause(Duration time) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long until = clock.nanoTime() + time.toNanos();
      for (long left = time.toNanos(); left > 0 && !ended; left = until - clock.nanoTime()) {
        clock.await(lock, changed, left);
      }
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  boolean ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Ends every pause, those that come later too. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
