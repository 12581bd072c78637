package io.multisqs.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;

/**
 * Threads of one kind that have nothing to do, each of which waits for itself. The last to come is
 * woken first: its caches are warm, and those that are not needed are left alone. Whoever finds
 * work wakes one, and none while one is on its way: that one looks for work itself, and wakes the
 * next if there is more. Guarded by the lock that its conditions are of.
 */
final class IdleThreads {
  /**
   * One that takes longer from its wake-up until it runs, or that died on the way, is not waited
   * for: another is woken.
   */
  private static final long LONGEST_WAY = 100_000_000L;

  /** One thread's place to wait, once. */
  static final class Place {
    final Condition condition;
    private boolean woken;

    /** Until when it waits on behalf of all. */
    private long until = Long.MAX_VALUE;

    Place(Condition condition) {
      this.condition = condition;
    }

    /** Whether it waits for a time on behalf of all. */
    boolean watches() {
      return until != Long.MAX_VALUE;
    }
  }

  private final Deque<Place> waiting;

  /** One was woken, or started, and does not run yet. */
  private boolean onItsWay;

  private long onItsWaySince;

  /** Until when one of them waits, on behalf of all. */
  private long watchedUntil = Long.MAX_VALUE;

  /** Room for so many threads: an error while it grew would lose all that wait. */
  IdleThreads(int most) {
    waiting = new ArrayDeque<>(most + 1);
  }

  /** Until when one waits on behalf of all; {@link Long#MAX_VALUE} if none does. */
  long watchedUntil() {
    return watchedUntil;
  }

  /** Whether one will look for work at once, whatever is found now. */
  boolean isOneOnItsWay(long now) {
    return onItsWay && now - onItsWaySince < LONGEST_WAY;
  }

  /** A thread is about to be started for work. */
  void starts(long now) {
    onItsWay = true;
    onItsWaySince = now;
  }

  /** It runs, or could not be started. */
  void arrived() {
    onItsWay = false;
  }

  /** Whether all are at work. */
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Wakes one, unless one is on its way; false if all are at work. */
  boolean wakeOne(long now) {
    if (isOneOnItsWay(now)) {
      return true;
    }
    Place last = waiting.pollLast();
    if (last == null) {
      return false;
    }
    starts(now);
    wake(last);
    return true;
  }

  void wakeAll() {
    waiting.forEach(IdleThreads::wake);
    waiting.clear();
  }

  private static void wake(Place place) {
    place.woken = true;
    place.condition.signal();
  }

  /**
   * A thread is about to wait; {@link #leaves} has to follow, whatever ended the wait.
   *
   * @param next when there is something to do though nobody says so: if no other thread waits until
   *     then, this one does, and others are woken rather than it
   */
  void enters(Place mine, long next) {
    if (next < watchedUntil) {
      waiting.addFirst(mine);
      mine.until = next;
      watchedUntil = next;
    } else {
      waiting.addLast(mine);
    }
  }

  /** It waits no more. */
  void leaves(Place mine) {
    if (mine.woken) {
      arrived();
    } else {
      waiting.remove(mine); // its time is over
    }
    if (watchedUntil == mine.until) {
      watchedUntil = Long.MAX_VALUE;
    }
  }
}
