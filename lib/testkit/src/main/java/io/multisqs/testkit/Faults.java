package io.multisqs.testkit;

/**
 * What is ordered to go wrong with the coming calls to an {@link InMemorySqs}. Faults strike in the
 * order of their making, one a call. A call takes its fault when it begins; a long poll under way
 * is not touched by what is ordered later.
 *
 * <p>Safe for use by any number of threads.
 */
public interface Faults {

  /**
   * The same faults, for calls to one queue alone.
   *
   * @param queue the queue's name
   * @return a view: what it orders strikes only that queue
   */
  Faults on(String queue);

  /**
   * Makes the next call of an operation fail.
   *
   * @param operation which calls
   * @param fault what goes wrong
   * @return this
   * @throws IllegalArgumentException if the fault does not suit the operation
   */
  default Faults next(Operation operation, Fault fault) {
    return next(operation, 1, fault);
  }

  /**
   * Makes the next calls of an operation fail.
   *
   * @param operation which calls
   * @param times how many of them; 1 or more
   * @param fault what goes wrong with each
   * @return this
   * @throws IllegalArgumentException if the fault does not suit the operation, or the number is
   *     less than 1
   */
  Faults next(Operation operation, int times, Fault fault);

  /**
   * Makes all calls of an operation fail, until {@link #clear}. What {@link #next} orders comes
   * first.
   *
   * @param operation which calls
   * @param fault what goes wrong with each
   * @return this
   * @throws IllegalArgumentException if the fault does not suit the operation
   */
  Faults always(Operation operation, Fault fault);

  /**
   * How many faults ordered with {@link #next} have not struck yet.
   *
   * @return their number, for all queues or for that of this view
   */
  int pending();

  /** Takes back all orders, or those of this view's queue. */
  void clear();
}
