package io.multisqs.testkit.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The message groups of a FIFO queue: each in the order of its sequence numbers, and locked while
 * one of its messages is in flight. Guarded by the server's lock.
 */
final class FifoGroups {

  private static final class Group {
    final TreeSet<StoredMessage> messages =
        new TreeSet<>(Comparator.comparingLong(message -> message.arrival));
    int inFlight;
  }

  private final Map<String, Group> groups = new HashMap<>();

  void add(StoredMessage message) {
    groups.computeIfAbsent(groupOf(message), id -> new Group()).messages.add(message);
  }

  void remove(StoredMessage message) {
    String id = groupOf(message);
    Group group = groups.get(id);
    if (group != null && group.messages.remove(message) && group.messages.isEmpty()) {
      groups.remove(id);
    }
  }

  void tookOff(StoredMessage message) {
    of(message).inFlight++;
  }

  void landed(StoredMessage message) {
    of(message).inFlight--;
  }

  /**
   * The messages that may be received together: as many as there are of one free group, then of the
   * next, the group with the oldest message first.
   *
   * @param max how many at most
   * @param visible tells whether a message is visible
   * @param refused tells whether a message is not to be received; it may remove that message
   */
  List<StoredMessage> take(
      int max, Predicate<StoredMessage> visible, Predicate<StoredMessage> refused) {
    List<Group> free =
        groups.values().stream()
            .filter(group -> group.inFlight == 0)
            .sorted(Comparator.comparingLong(group -> group.messages.first().arrival))
            .toList();
    List<StoredMessage> taken = new ArrayList<>();
    for (Group group : free) {
      StoredMessage next = group.messages.first();
      while (next != null && visible.test(next)) {
        if (taken.size() == max) {
          return taken;
        }
        StoredMessage message = next;
        next = group.messages.higher(message);
        if (!refused.test(message)) {
          taken.add(message);
        }
      }
    }
    return taken;
  }

  private Group of(StoredMessage message) {
    Group group = groups.get(groupOf(message));
    if (group == null) {
      throw new IllegalStateException("message " + message.id + " is in no group");
    }
    return group;
  }

  private static String groupOf(StoredMessage message) {
    return message.groupId == null ? "" : message.groupId;
  }
}
