package io.multisqs.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The message groups of one FIFO queue: only the head of a group is in the bus or in a handler,
 * those behind it wait here (I12). Guarded by the board's lock.
 */
final class FifoGroups {
  private final Map<String, Deque<Delivery>> groups = new HashMap<>();

  /** Adds one that arrived; true if it is its group's head, and goes to the bus. */
  boolean add(String group, Delivery delivery) {
    Deque<Delivery> members = groups.computeIfAbsent(group, g -> new ArrayDeque<>());
    members.addLast(delivery);
    return members.size() == 1;
  }

  /** Adds one that needs no start, as the head, unless others of its group are here. */
  void addIfFirst(String group, Delivery delivery) {
    if (!groups.containsKey(group)) {
      boolean unused = add(group, delivery);
    }
  }

  /** Whether a message of this group is here, in order. */
  boolean has(String group) {
    return groups.containsKey(group);
  }

  /** Whether another of its group waits for this one. */
  boolean hasFollower(String group) {
    Deque<Delivery> members = groups.get(group);
    return members != null && members.size() > 1;
  }

  /** The head was done with, and its delete confirmed; returns the next head, for the bus. */
  @Nullable Delivery headDone(String group, Delivery head) {
    Deque<Delivery> members = groups.get(group);
    if (members == null || members.peekFirst() != head) {
      // Its group was given back while it ran: nobody waits for it.
      return null;
    }
    members.removeFirst();
    if (members.isEmpty()) {
      groups.remove(group);
    }
    return members.peekFirst();
  }

  /** Takes one out, and all behind it; returns those behind it, in order. */
  List<Delivery> cut(String group, Delivery delivery) {
    Deque<Delivery> members = groups.get(group);
    if (members == null || !members.contains(delivery)) {
      return List.of();
    }
    List<Delivery> behind = new ArrayList<>();
    while (members.peekLast() != delivery) {
      behind.add(0, members.removeLast());
    }
    members.removeLast();
    if (members.isEmpty()) {
      groups.remove(group);
    }
    return behind;
  }

  /** Takes one out that waits; those behind it are taken out as well by who calls this. */
  void remove(String group, Delivery delivery) {
    Deque<Delivery> members = groups.get(group);
    if (members != null) {
      members.remove(delivery);
      if (members.isEmpty()) {
        groups.remove(group);
      }
    }
  }
}
