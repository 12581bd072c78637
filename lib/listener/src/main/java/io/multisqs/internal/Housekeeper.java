package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one thread that looks at the clock on behalf of others: leases to extend, handlers past their
 * limit, queues that fell silent. It makes no call to SQS. Its lock is a leaf.
 */
final class Housekeeper implements Runnable {
  private static final Log log = Log.of("io.multisqs.Housekeeper");

  /** One of its duties. */
  interface Duty {
    /** Does what is due; returns when to be called again, by the clock given. */
    long step(long now);
  }

  private static final long LONGEST = Duration.ofHours(1).toNanos();

  private final ListenerClock clock;
  private final Duty[] duties;
  private final ReentrantLock lock = new SureLock();
  private final Condition wake = lock.newCondition();
  private final FailureLog failureLog;
  private long wantedBy = Long.MAX_VALUE; // guarded by lock
  private long sleepsUntil; // guarded by lock
  private boolean over; // guarded by lock

  /** When the last step began; written by its thread alone. */
  private volatile long lookedAt;

  private volatile boolean looked;

  Housekeeper(ListenerClock clock, Duty... duties) {
    this.clock = clock;
    this.failureLog = new FailureLog(clock);
    this.duties = duties;
  }

  @Override
  public void run() {
    new Loop("the housekeeper", failureLog, () -> sleep(step(clock.nanoTime()))).run();
  }

  /** Does what is due; returns when to be called again. */
  long step(long now) {
    lookedAt = now;
    looked = true;
    lock.lock();
    try {
      wantedBy = Long.MAX_VALUE;
    } finally {
      lock.unlock();
    }
    long next = Long.MAX_VALUE;
    for (Duty duty : duties) {
      try {
        next = Math.min(next, duty.step(now));
      } catch (LinkageError e) {
        throw e; // for good, see Loop
      } catch (RuntimeException | Error e) {
        next = Math.min(next, now + 1_000_000_000L);
        if (failureLog.isNew(e)) {
          log.error("a housekeeping step failed; it is tried again in 1 s; logged once", e);
        }
      }
    }
    return next;
  }

  /** When it last looked; now, if it has not begun. */
  long lookedAt() {
    return looked ? lookedAt : clock.nanoTime();
  }

  private boolean sleep(long next) throws InterruptedException {
    lock.lock();
    try {
      sleepsUntil = Math.min(next, wantedBy);
      long left = sleepsUntil == Long.MAX_VALUE ? LONGEST : sleepsUntil - clock.nanoTime();
      if (!over && left > 0) {
        clock.await(lock, wake, Math.min(left, LONGEST));
      }
      return !over;
    } finally {
      lock.unlock();
    }
  }

  /** Sees to it that the next look is not after this time. */
  void lookBy(long time) {
    lock.lock();
    try {
      wantedBy = Math.min(wantedBy, time);
      if (time - sleepsUntil < 0) {
        sleepsUntil = time;
        wake.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      over = true;
      wake.signal();
    } finally {
      lock.unlock();
    }
  }
}
