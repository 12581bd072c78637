package io.multisqs.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;

/**
 * Threads of one kind that have nothing to do, each of which waits for itself. The last to come is
 * woken first: its caches are warm, and those that are not needed are left alone. Whoever finds
 * work wakes one, and only while none is on its way, which will wake the next if there is more: a
 * batch of ten wakes one thread and not ten. Guarded by the lock that its conditions are of.
 */
final class IdleThreads {
  /** One thread's place to wait. */
  static final class Place {
    final Condition condition;
    private boolean woken;
    private boolean watches;
    private long until;

    Place(Condition condition) {
      this.condition = condition;
    }

    /** Whether it waits for a time on behalf of all. */
    boolean watches() {
      return watches;
    }
  }

  private final Deque<Place> waiting = new ArrayDeque<>();

  /** Those that were woken and do not run yet. */
  private int onTheirWay;

  /** Until when one of them waits, on behalf of all. */
  private long watchedUntil = Long.MAX_VALUE;

  /** Until when one waits on behalf of all; {@link Long#MAX_VALUE} if none does. */
  long watchedUntil() {
    return watchedUntil;
  }

  boolean isAnyOnItsWay() {
    return onTheirWay > 0;
  }

  /** A thread that was started for work, and does not run yet. */
  void started() {
    onTheirWay++;
  }

  /** It runs, or could not be started. */
  void arrived() {
    onTheirWay--;
  }

  /** Wakes one; false if all are at work. */
  boolean wakeOne() {
    Place last = waiting.pollLast();
    if (last == null) {
      return false;
    }
    wake(last);
    return true;
  }

  void wakeAll() {
    waiting.forEach(this::wake);
    waiting.clear();
  }

  private void wake(Place place) {
    place.woken = true;
    onTheirWay++;
    place.condition.signal();
  }

  /**
   * A thread is about to wait; {@link #leaves} has to follow, whatever ended the wait.
   *
   * @param next when there is something to do though nobody says so: if no other thread waits until
   *     then, this one does, and others are woken rather than it
   */
  void enters(Place mine, long next) {
    mine.woken = false;
    mine.watches = next < watchedUntil;
    if (mine.watches) {
      mine.until = next;
      watchedUntil = next;
      waiting.addFirst(mine);
    } else {
      waiting.addLast(mine);
    }
  }

  /** It waits no more. */
  void leaves(Place mine) {
    if (mine.woken) {
      onTheirWay--;
    } else {
      waiting.remove(mine); // its time is over
    }
    if (mine.watches && watchedUntil == mine.until) {
      watchedUntil = Long.MAX_VALUE;
    }
  }
}
