package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Refuses settings of queues and listener that contradict each other. */
final class Contradictions {
  private Contradictions() {}

  /**
   * Refuses them.
   *
   * @throws IllegalArgumentException if there are any
   */
  static void refuse(List<SqsListenerConfig> queues, ListenerOptions options) {
    if (queues.isEmpty()) {
      throw new IllegalArgumentException("queues must have at least one, was []");
    }
    Set<String> seen = new HashSet<>();
    Set<String> buses = new HashSet<>();
    for (SqsListenerConfig queue : queues) {
      buses.add(queue.bus());
      String place = queue.queue() + queue.region() + queue.ownerAccountId();
      if (!seen.add(place)) {
        throw new IllegalArgumentException(
            "queues must be configured once each, was twice: " + queue.queue());
      }
    }
    for (SqsListenerConfig queue : queues) {
      refuseWithoutSlots(queue, queues, options);
    }
    for (String bus : options.busOptions().keySet()) {
      if (!buses.contains(bus)) {
        throw new IllegalArgumentException(
            "busOptions must be for a bus that a queue feeds, one of " + buses + ", was " + bus);
      }
    }
  }

  /**
   * A queue that no slot is open to would be received from, held invisible for hours, and never
   * handled. Slots are open to a message where they are reserved for nobody, for its own bus, or
   * for a bus all of whose queues have a lower priority (I5).
   */
  private static void refuseWithoutSlots(
      SqsListenerConfig queue, List<SqsListenerConfig> queues, ListenerOptions options) {
    Map<String, Integer> kept = new TreeMap<>();
    options
        .busOptions()
        .forEach(
            (bus, of) -> {
              boolean goesBefore =
                  queues.stream()
                      .filter(q -> q.bus().equals(bus))
                      .allMatch(q -> q.priority() < queue.priority());
              if (of.reserved() > 0 && !bus.equals(queue.bus()) && !goesBefore) {
                kept.put(bus, of.reserved());
              }
            });
    int closed = kept.values().stream().mapToInt(Integer::intValue).sum();
    // With a priority of their own its messages may go before all others.
    if (closed >= options.concurrency() && queue.priorityOf().isEmpty()) {
      throw new IllegalArgumentException(
          "reserved slots must leave one for queue "
              + queue.queue()
              + " of bus "
              + queue.bus()
              + ", whose messages would be received and never handled; was "
              + kept
              + " reserved of a concurrency of "
              + options.concurrency());
    }
  }
}
