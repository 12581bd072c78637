package io.multisqs;

import java.time.Duration;
import java.util.List;

/**
 * What a listener is doing, all parts at the same moment.
 *
 * @param state the lifecycle's
 * @param slots all slots
 * @param slotsInUse slots in which a handler runs
 * @param slotTimeHeld the slot time that stood idle since the start because lower work waited for
 *     higher queues; at most {@link ListenerOptions#MAX_HELD_SLOT_SHARE} of all slot time
 * @param queues in the order of the configuration
 */
public record ListenerSnapshot(
    ListenerState state,
    int slots,
    int slotsInUse,
    Duration slotTimeHeld,
    List<QueueSnapshot> queues) {
  /**
   * Copies the list.
   *
   * @param state see above
   * @param slots see above
   * @param slotsInUse see above
   * @param slotTimeHeld see above
   * @param queues see above
   */
  public ListenerSnapshot {
    queues = List.copyOf(queues);
  }

  /**
   * One queue.
   *
   * @param queue its name, URL or ARN as configured, or its name if only one has it
   * @return its part
   * @throws IllegalArgumentException if the listener has no such queue, or several of that name
   */
  public QueueSnapshot queue(String queue) {
    List<QueueSnapshot> configured =
        queues.stream().filter(q -> q.configuredAs().equals(queue)).toList();
    List<QueueSnapshot> found =
        configured.isEmpty()
            ? queues.stream().filter(q -> q.queue().equals(queue)).toList()
            : configured;
    if (found.size() != 1) {
      throw Check.refused(
          "queue",
          (found.isEmpty() ? "must be one of " : "must name one only of ")
              + queues.stream().map(QueueSnapshot::configuredAs).toList(),
          queue);
    }
    return found.get(0);
  }
}
