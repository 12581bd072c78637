package io.multisqs.internal;

import io.multisqs.PriorityPolicy;
import java.util.Map;
import java.util.TreeMap;

/**
 * A {@link PriorityPolicy} at work: the key that a message gets when it arrives. Of two, the one
 * that {@link #isBefore} says starts first. Guarded by the board's lock, as the weighted one
 * counts.
 */
interface Ranking {
  /**
   * Whether the first of two keys goes before the second: by their difference, as for readings of
   * {@link System#nanoTime}, since virtual time goes round. Keys that wait together are less than
   * 2⁶³ apart: those of priorities by far; with aging the extremes, of ±1,000,000 priorities of an
   * hour each, are 7.2 × 10¹⁸; weighted, what waits for 12 h, the longest that SQS hides a message,
   * is overtaken by 4.3 × 10¹⁸ at 100,000 messages a second.
   */
  static boolean isBefore(long key, long other) {
    return key - other < 0;
  }

  /** The key of a message of this priority that arrives now. */
  long stamp(int priority, long now);

  /** The key that a message of this priority would get if it arrived now; changes nothing. */
  long wouldStamp(int priority, long now);

  /** A message with this key starts. */
  default void started(long key) {}

  /** A message of this priority was taken out before it started. */
  default void withdrawn(int priority) {}

  /** Whether lower work waits for higher queues that may be about to answer (I2). */
  default boolean holds() {
    return true;
  }

  /** Whether queues stay unreceived while higher work fills the slots and waits (I3). */
  default boolean gates() {
    return false;
  }

  static Ranking of(PriorityPolicy policy, long origin) {
    if (policy instanceof PriorityPolicy.StrictWithAging aging) {
      return new Aging(aging.step().toNanos(), origin);
    }
    if (policy instanceof PriorityPolicy.Weighted weighted) {
      return new Shares(weighted.weights());
    }
    return new Strictly();
  }

  /** The priority alone. */
  final class Strictly implements Ranking {
    @Override
    public long stamp(int priority, long now) {
      return -(long) priority;
    }

    @Override
    public long wouldStamp(int priority, long now) {
      return -(long) priority;
    }

    @Override
    public boolean gates() {
      return true;
    }
  }

  /**
   * One priority for each step of waiting. Two messages gain alike while both wait, so the order of
   * {@code arrival − priority × step} is theirs at any later time.
   */
  final class Aging implements Ranking {
    private final long step;
    private final long origin;

    Aging(long step, long origin) {
      this.step = step;
      this.origin = origin;
    }

    @Override
    public long stamp(int priority, long now) {
      return now - origin - priority * step;
    }

    @Override
    public long wouldStamp(int priority, long now) {
      return stamp(priority, now);
    }
  }

  /**
   * Shares by weight: self-clocked fair queueing. A message finishes, in virtual time, one share
   * after the one before it of its priority, but not before one share from now. Virtual time goes
   * round once in 1.8 × 10¹⁰ messages of weight 1, 43 days at 5,000 a second, and goes on.
   */
  final class Shares implements Ranking {
    /** One message of weight 1; divisible by every weight closely enough. */
    private static final long SHARE = 1_000_000_000L;

    /** Every 2⁶⁰ of virtual time, priorities that have had nothing lately are forgotten. */
    private static final int FORGET_EACH = 60;

    private final TreeMap<Integer, Integer> weights;
    private final Map<Integer, Long> lastFinish = new java.util.HashMap<>();
    private long virtualNow;

    Shares(Map<Integer, Integer> weights) {
      this.weights = new TreeMap<>(weights);
    }

    @Override
    public long stamp(int priority, long now) {
      long finish = wouldStamp(priority, now);
      lastFinish.put(weighed(priority), finish);
      return finish;
    }

    @Override
    public long wouldStamp(int priority, long now) {
      int weighed = weighed(priority);
      long last = lastFinish.getOrDefault(weighed, virtualNow);
      long from = isBefore(virtualNow, last) ? last : virtualNow;
      return from + SHARE / weights.getOrDefault(weighed, 1);
    }

    /** The priority whose weight this one has; priorities that share a weight share its turns. */
    private int weighed(int priority) {
      Integer floor = weights.floorKey(priority);
      return floor == null ? weights.firstKey() : floor;
    }

    @Override
    public void started(long key) {
      if (isBefore(virtualNow, key)) {
        boolean onward = virtualNow >> FORGET_EACH != key >> FORGET_EACH;
        virtualNow = key;
        if (onward) {
          // Before virtual time is so far beyond them that they seem to lie ahead.
          lastFinish.values().removeIf(finish -> !isBefore(virtualNow, finish));
        }
      }
    }

    /** Its turn goes to the next of its priority. */
    @Override
    public void withdrawn(int priority) {
      int weighed = weighed(priority);
      lastFinish.computeIfPresent(
          weighed, (p, finish) -> finish - SHARE / weights.getOrDefault(weighed, 1));
    }

    @Override
    public boolean holds() {
      return false;
    }
  }
}
