package io.multisqs.internal;

import java.util.List;

/**
 * The rights to run a handler, and which of them are kept for whom (I5). Guarded by the
 * dispatcher's lock.
 */
final class Slots {
  private final int all;

  /** The buses that have slots of their own. */
  private final List<EventBus> reserving;

  private int inUse;

  Slots(int all, List<EventBus> buses) {
    this.all = all;
    this.reserving = buses.stream().filter(b -> b.options.reserved() > 0).toList();
  }

  int all() {
    return all;
  }

  int inUse() {
    return inUse;
  }

  /** Whether a message of this priority on this bus may take a slot now. */
  boolean isOpenTo(EventBus bus, int priority) {
    return !bus.paused && !bus.isAtCap() && openTo(bus, priority) > 0;
  }

  /**
   * Slots that a message of this priority on this bus may take: the free ones, less what other
   * buses have reserved, but for those whose queues are all of lower priority.
   */
  int openTo(EventBus bus, int priority) {
    int open = all - inUse;
    for (EventBus other : reserving) {
      if (other != bus && other.highestPriority() >= priority) {
        open -= other.unusedReserve();
      }
    }
    return Math.min(open, bus.options.cap() - bus.running());
  }

  /** The same, if one that runs on another bus ended. */
  boolean wouldBeOpenTo(EventBus bus, int priority, EventBus ending) {
    free(ending);
    try {
      return isOpenTo(bus, priority);
    } finally {
      take(ending);
    }
  }

  /** Whether it has no slots of its own and no cap: then it may take what any such bus may. */
  boolean isPlain(EventBus bus) {
    return bus.options.reserved() == 0 && bus.options.cap() >= all;
  }

  void take(EventBus bus) {
    inUse++;
    bus.startedOne();
  }

  void free(EventBus bus) {
    inUse--;
    bus.endedOne();
  }
}
