package io.multisqs;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * In which order waiting messages start: a rule that gives each message its key when it arrives.
 *
 * <p>There are three, and none has a hidden rule. The smallest key starts first; among equal keys
 * the older arrival.
 *
 * <ul>
 *   <li>{@link #strict()}: the key is the priority alone. Lower work starts only when no higher
 *       work is there, and may wait for ever.
 *   <li>{@link #strictWithAging(Duration)}: a message gains one priority for each step that it
 *       waits in this process, so that nothing waits for ever.
 *   <li>{@link #weighted(Map)}: priorities share the slots in proportion to their weights.
 * </ul>
 *
 * <p>Immutable and safe for use by many threads.
 */
public sealed interface PriorityPolicy {

  /**
   * The default: strict order by priority. A lower message does not start while a higher one is
   * here, or is likely to wait on the server, by the last answers of its queue. Open slots wait for
   * such messages, and all of that waiting takes at most {@link
   * ListenerOptions#MAX_HELD_SLOT_SHARE} of the slot time, whatever the traffic; then lower work
   * starts.
   *
   * @return the policy
   */
  static PriorityPolicy strict() {
    return new Strict();
  }

  /**
   * Strict order, but a waiting message gains one priority for each step of waiting: with a step of
   * 10 s a message of priority 1 that waited 40 s goes before a new one of priority 4. Waiting
   * counts from the arrival in this process. Queues are received from whether higher work waits or
   * not, as a message that is left in SQS would not age.
   *
   * @param step the waiting time that is worth one priority: 1 ms … 1 h
   * @return the policy
   * @throws IllegalArgumentException if {@code step} is out of range
   */
  static PriorityPolicy strictWithAging(Duration step) {
    return new StrictWithAging(step);
  }

  /**
   * Shares by weight: while all of them have work, a priority of weight 3 starts three messages for
   * each one of a priority of weight 1. What one priority does not use goes to the others, in
   * proportion. A priority that the map does not name has the weight of the next lower one that it
   * names, and below the lowest the lowest one's.
   *
   * @param weights the weight, 1 … 1000, of each priority; not empty
   * @return the policy
   * @throws IllegalArgumentException if {@code weights} is empty or a weight is out of range
   */
  static PriorityPolicy weighted(Map<Integer, Integer> weights) {
    return new Weighted(weights);
  }

  /** See {@link PriorityPolicy#strict()}. */
  record Strict() implements PriorityPolicy {}

  /**
   * See {@link PriorityPolicy#strictWithAging(Duration)}.
   *
   * @param step the waiting time that is worth one priority: 1 ms … 1 h
   */
  record StrictWithAging(Duration step) implements PriorityPolicy {
    /**
     * Refuses a step out of range.
     *
     * @param step see above
     */
    public StrictWithAging {
      Check.between("aging step", step, Duration.ofMillis(1), Duration.ofHours(1));
    }
  }

  /**
   * See {@link PriorityPolicy#weighted(Map)}.
   *
   * @param weights the weight, 1 … 1000, of each priority; not empty
   */
  record Weighted(Map<Integer, Integer> weights) implements PriorityPolicy {
    /**
     * Refuses an empty map and weights out of range.
     *
     * @param weights see above
     */
    public Weighted {
      if (weights.isEmpty()) {
        throw Check.refused("weights", "must name at least one priority", "{}");
      }
      weights.forEach((p, w) -> Check.between("weight of priority " + p, w, 1, 1000));
      weights = java.util.Collections.unmodifiableMap(new TreeMap<>(weights));
    }
  }
}
