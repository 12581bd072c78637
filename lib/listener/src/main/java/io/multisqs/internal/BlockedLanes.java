package io.multisqs.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The queues that may not be asked until something happens to others: higher work starts, a slot or
 * memory comes free. Kept so that a message's start looks at a few of them, however many there are.
 * Guarded by the board's lock.
 */
final class BlockedLanes {
  /** Where one queue is, if anywhere. */
  static final class Place {
    private @Nullable Set<Lane> in;
  }

  /** By priority, highest first; each in the order in which they came. */
  private static final class Levels {
    final TreeMap<Integer, Set<Lane>> lanes = new TreeMap<>(Comparator.reverseOrder());

    Set<Lane> at(int priority) {
      return lanes.computeIfAbsent(priority, p -> new LinkedHashSet<>());
    }

    /** The first of the highest priority. */
    @Nullable Lane first() {
      while (!lanes.isEmpty()) {
        Set<Lane> highest = lanes.firstEntry().getValue();
        if (!highest.isEmpty()) {
          return highest.iterator().next();
        }
        lanes.pollFirstEntry();
      }
      return null;
    }

    List<Lane> all() {
      List<Lane> all = new ArrayList<>();
      lanes.values().forEach(all::addAll);
      return all;
    }
  }

  private final Slots slots;

  /** Those that wait for the end of higher work, of all buses that may take the same slots. */
  private final Levels gated = new Levels();

  /** The same, of each bus that has slots of its own, or a cap. */
  private final Map<EventBus, Levels> gatedApart = new LinkedHashMap<>();

  /** Those that have all the messages here that they may have, or their breaker's one probe. */
  private final Set<Lane> withoutCredit = new LinkedHashSet<>();

  /** Those that could ask, but for their messages' bytes, or for how many await their deletes. */
  private final Set<Lane> withoutMemory = new LinkedHashSet<>();

  BlockedLanes(Slots slots) {
    this.slots = slots;
  }

  void waitsForHigherWork(Lane lane) {
    Levels levels =
        slots.isPlain(lane.bus) ? gated : gatedApart.computeIfAbsent(lane.bus, bus -> new Levels());
    put(lane, levels.at(lane.priority));
  }

  void waitsForCredit(Lane lane) {
    put(lane, withoutCredit);
  }

  void waitsForMemory(Lane lane) {
    put(lane, withoutMemory);
  }

  private static void put(Lane lane, Set<Lane> set) {
    if (lane.place.in != set) {
      remove(lane);
      lane.place.in = set;
      set.add(lane);
    }
  }

  /** It asks, or waits for something else. */
  static void remove(Lane lane) {
    if (lane.place.in != null) {
      lane.place.in.remove(lane);
      lane.place.in = null;
    }
  }

  boolean isWithoutCredit(Lane lane) {
    return lane.place.in == withoutCredit;
  }

  /**
   * Tries those that wait for the end of higher work, highest first, to the first that still does:
   * whatever keeps it waiting keeps those of no higher priority waiting too.
   */
  void tryGated(Predicate<Lane> mayAsk) {
    tryGated(gated, mayAsk);
    for (Levels levels : gatedApart.values()) {
      tryGated(levels, mayAsk);
    }
  }

  private static void tryGated(Levels levels, Predicate<Lane> mayAsk) {
    for (Lane first = levels.first(); first != null; first = levels.first()) {
      Set<Lane> in = first.place.in;
      if (mayAsk.test(first)) {
        tryAll(levels.all(), mayAsk);
        return;
      }
      if (first.place.in == in) {
        return;
      }
      // It waits for something else now: the next may still be tried.
    }
  }

  /** All of them, to the first that waits where it waited. */
  private static void tryAll(List<Lane> lanes, Predicate<Lane> mayAsk) {
    for (Lane lane : lanes) {
      Set<Lane> in = lane.place.in;
      if (!mayAsk.test(lane) && lane.place.in == in) {
        return;
      }
    }
  }

  void tryWithoutCredit(Consumer<Lane> ask) {
    tryEach(withoutCredit, ask);
  }

  void tryWithoutMemory(Consumer<Lane> ask) {
    tryEach(withoutMemory, ask);
  }

  private static void tryEach(Set<Lane> lanes, Consumer<Lane> ask) {
    if (!lanes.isEmpty()) {
      List.copyOf(lanes).forEach(ask);
    }
  }
}
