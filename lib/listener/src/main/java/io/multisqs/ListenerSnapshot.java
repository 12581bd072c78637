package io.multisqs;

import java.util.List;

/**
 * What a listener is doing, all parts at the same moment.
 *
 * @param state the lifecycle's
 * @param slots all slots
 * @param slotsInUse slots in which a handler runs
 * @param queues in the order of the configuration
 */
public record ListenerSnapshot(
    ListenerState state, int slots, int slotsInUse, List<QueueSnapshot> queues) {
  /** Copies the list. */
  public ListenerSnapshot {
    queues = List.copyOf(queues);
  }

  /**
   * One queue.
   *
   * @param name its name, URL or ARN as configured
   * @return its part
   * @throws IllegalArgumentException if the listener has no such queue
   */
  public QueueSnapshot queue(String name) {
    return queues.stream()
        .filter(q -> q.queue().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Check.refused(
                    "queue",
                    "must be one of " + queues.stream().map(QueueSnapshot::queue).toList(),
                    name));
  }
}
