package io.multisqs.internal;

import io.multisqs.BusOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bus: the messages of one or more queues that could start now, best first, and its share of the
 * slots. A FIFO queue hands in only the head of each group. Guarded by the board's lock; the queue
 * would also bear being read without it.
 */
final class EventBus {
  private static final Comparator<Delivery> BEST_FIRST =
      (a, b) ->
          a.key == b.key
              ? Long.compare(a.sequence, b.sequence)
              : Ranking.isBefore(a.key, b.key) ? -1 : 1;

  final String name;
  final BusOptions options;
  private final PriorityBlockingQueue<Delivery> waiting =
      new PriorityBlockingQueue<>(64, BEST_FIRST);
  private final List<Lane> lanes = new ArrayList<>();

  /** How many messages wait, by their priority. */
  private final TreeMap<Integer, Integer> waitingAt = new TreeMap<>();

  private int highestPriority = Integer.MIN_VALUE;
  private int running;
  boolean paused;

  EventBus(String name, BusOptions options) {
    this.name = name;
    this.options = options;
  }

  void feedFrom(Lane lane) {
    lanes.add(lane);
    highestPriority = Math.max(highestPriority, lane.priority);
  }

  /** A queue that feeds it got another priority. */
  void prioritiesChanged() {
    highestPriority = Integer.MIN_VALUE;
    for (Lane lane : lanes) {
      highestPriority = Math.max(highestPriority, lane.priority);
    }
  }

  void offer(Delivery delivery) {
    waiting.add(delivery);
    waitingAt.merge(delivery.priority, 1, Integer::sum);
  }

  /** Takes one out; false if it is not here. */
  boolean remove(Delivery delivery) {
    Delivery head = waiting.peek();
    if (head == delivery) {
      waiting.poll();
    } else if (!waiting.remove(delivery)) {
      return false;
    }
    waitingAt.computeIfPresent(delivery.priority, (p, n) -> n == 1 ? null : n - 1);
    return true;
  }

  /** How many messages of a higher priority than this wait, by their priority, highest first. */
  Map<Integer, Integer> waitingAbove(int priority) {
    return waitingAt.isEmpty() || waitingAt.lastKey() <= priority
        ? Map.of()
        : waitingAt.tailMap(priority, false).descendingMap();
  }

  /**
   * The best message that passes.
   *
   * @param headDecides whether keys and priorities agree, as under the strict policy: then what the
   *     head is not allowed no message behind it is
   */
  @Nullable Delivery best(Predicate<Delivery> startable, boolean headDecides) {
    Delivery head = waiting.peek();
    if (head == null || startable.test(head)) {
      return head;
    }
    if (headDecides || paused || isAtCap()) {
      return null;
    }
    return waiting.stream().filter(startable).min(BEST_FIRST).orElse(null);
  }

  @Nullable Delivery head() {
    return waiting.peek();
  }

  static boolean before(Delivery a, Delivery b) {
    return BEST_FIRST.compare(a, b) < 0;
  }

  List<Delivery> all() {
    return List.copyOf(waiting);
  }

  int running() {
    return running;
  }

  void startedOne() {
    running++;
  }

  void endedOne() {
    running--;
  }

  boolean isAtCap() {
    return running >= options.cap();
  }

  /** Reserved slots that are not in use: kept free for this bus. */
  int unusedReserve() {
    return Math.max(0, options.reserved() - running);
  }

  /** The highest priority of the queues that feed it. */
  int highestPriority() {
    return highestPriority;
  }
}
