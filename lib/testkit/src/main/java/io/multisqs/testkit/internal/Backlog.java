package io.multisqs.testkit.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a queue, sorted into those that are visible and those that will be. Time passes
 * only in {@link #promote}. Guarded by the server's lock.
 */
final class Backlog {

  private static final Comparator<StoredMessage> BY_VISIBILITY =
      Comparator.<StoredMessage>comparingLong(message -> message.visibleAt)
          .thenComparingLong(message -> message.arrival);

  private final Map<String, StoredMessage> byId = new LinkedHashMap<>();
  private final TreeSet<StoredMessage> visible = new TreeSet<>(BY_VISIBILITY);
  private final TreeSet<StoredMessage> hidden = new TreeSet<>(BY_VISIBILITY);
  private final @Nullable FifoGroups groups;
  private final Consumer<StoredMessage> becameVisible;
  private int inFlight;

  Backlog(boolean fifo, Consumer<StoredMessage> becameVisible) {
    this.groups = fifo ? new FifoGroups() : null;
    this.becameVisible = becameVisible;
  }

  void add(StoredMessage message) {
    byId.put(message.id, message);
    hidden.add(message);
    if (groups != null) {
      groups.add(message);
    }
  }

  void remove(StoredMessage message) {
    byId.remove(message.id);
    if (!visible.remove(message)) {
      hidden.remove(message);
    }
    land(message);
    if (groups != null) {
      groups.remove(message);
    }
  }

  /** Shows the messages whose time has come. */
  void promote(long now) {
    while (!hidden.isEmpty() && hidden.first().visibleAt <= now) {
      StoredMessage message = hidden.first();
      hidden.remove(message);
      land(message);
      visible.add(message);
      becameVisible.accept(message);
    }
  }

  /** Takes a message in flight, or keeps it there, until the given time. */
  void fly(StoredMessage message, long until) {
    if (!visible.remove(message)) {
      hidden.remove(message);
    }
    message.visibleAt = until;
    hidden.add(message);
    if (!message.inFlight) {
      message.inFlight = true;
      inFlight++;
      if (groups != null) {
        groups.tookOff(message);
      }
    }
  }

  /**
   * The messages to receive next. A standard queue gives those that have been visible for longest.
   *
   * @param refused tells whether a message is not to be received; it may remove that message
   */
  List<StoredMessage> take(int max, Predicate<StoredMessage> refused) {
    if (groups != null) {
      return groups.take(max, visible::contains, refused);
    }
    List<StoredMessage> taken = new ArrayList<>();
    StoredMessage next = visible.isEmpty() ? null : visible.first();
    while (next != null && taken.size() < max) {
      StoredMessage message = next;
      next = visible.higher(message);
      if (!refused.test(message)) {
        taken.add(message);
      }
    }
    return taken;
  }

  @Nullable StoredMessage find(String id) {
    return byId.get(id);
  }

  /** All messages, in the order of their arrival. */
  Collection<StoredMessage> all() {
    return byId.values();
  }

  List<StoredMessage> visible() {
    return List.copyOf(visible);
  }

  int inFlight() {
    return inFlight;
  }

  int visibleCount() {
    return visible.size();
  }

  int delayedCount() {
    return hidden.size() - inFlight;
  }

  /** When the next message becomes visible by itself; {@code Long.MAX_VALUE} if none does. */
  long nextVisibleAt() {
    return hidden.isEmpty() ? Long.MAX_VALUE : hidden.first().visibleAt;
  }

  private void land(StoredMessage message) {
    if (message.inFlight) {
      message.inFlight = false;
      inFlight--;
      if (groups != null) {
        groups.landed(message);
      }
    }
  }
}
