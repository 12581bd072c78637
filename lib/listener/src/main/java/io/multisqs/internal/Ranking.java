package io.multisqs.internal;

import io.multisqs.PriorityPolicy;
import java.util.Map;
import java.util.TreeMap;

/**
 * A {@link PriorityPolicy} at work: the key that a message gets when it arrives. Smaller starts
 * first. Guarded by the board's lock, as the weighted one counts.
 */
interface Ranking {

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
   * after the one before it of its priority, but not before one share from now.
   */
  final class Shares implements Ranking {
    /** One message of weight 1; divisible by every weight closely enough. */
    private static final long SHARE = 1_000_000_000L;

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
      long from = Math.max(virtualNow, lastFinish.getOrDefault(weighed, 0L));
      return from + SHARE / weights.getOrDefault(weighed, 1);
    }

    /** The priority whose weight this one has; priorities that share a weight share its turns. */
    private int weighed(int priority) {
      Integer floor = weights.floorKey(priority);
      return floor == null ? weights.firstKey() : floor;
    }

    @Override
    public void started(long key) {
      virtualNow = Math.max(virtualNow, key);
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
