package io.multisqs.benchmarks.server;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One queue: messages in line, messages invisible, and receives that wait. Touched by the loop's
 * thread only.
 */
final class WireQueue {
  final String name;
  final Map<String, String> attributes = new LinkedHashMap<>();
  final long createdSeconds = System.currentTimeMillis() / 1000;

  /** Receives that found nothing, oldest first. */
  final ArrayDeque<WireConnection> waiting = new ArrayDeque<>();

  /**
   * Makes the queue bottomless: whenever the line is empty, a message of this body is made as it is
   * asked for.
   */
  @Nullable Body endless;

  private final WireState state;
  private final ArrayDeque<WireMessage> line = new ArrayDeque<>();
  private int visible;

  /**
   * The invisible, by when they become visible; most timeouts are alike, so a new one mostly
   * belongs at the end.
   */
  private @Nullable WireMessage first;

  private @Nullable WireMessage last;
  private int invisible;
  private Timers.@Nullable Timer check;

  WireQueue(String name, WireState state) {
    this.name = name;
    this.state = state;
  }

  int visible() {
    return visible;
  }

  int invisible() {
    return invisible;
  }

  long visibilityNanos() {
    return TimeUnit.SECONDS.toNanos(seconds("VisibilityTimeout", 30));
  }

  int seconds(String attribute, int otherwise) {
    String value = attributes.get(attribute);
    return value == null ? otherwise : Integer.parseInt(value);
  }

  /** Adds a message without waking a receive; see {@link #serveWaiting}. */
  WireMessage add(Body body, long now, long delayNanos) {
    WireMessage message =
        new WireMessage(state.messages.nextSequence(), this, body, System.currentTimeMillis());
    state.messages.put(message);
    if (delayNanos > 0) {
      hide(message, now + delayNanos);
    } else {
      appear(message, now);
    }
    return message;
  }

  boolean hasVisible() {
    return visible > 0 || endless != null;
  }

  /** The next message in line, invisible from now on, or null. */
  @Nullable WireMessage take(long now, long visibilityNanos) {
    if (visible == 0 && endless != null) {
      add(endless, now, 0);
    }
    WireMessage message = line.poll();
    while (message != null && message.deleted) {
      message = line.poll();
    }
    if (message == null) {
      return null;
    }
    visible--;
    if (message.receives++ == 0) {
      message.firstReceivedMillis = System.currentTimeMillis();
    }
    state.journal.handedOut(message.sequence, now);
    if (visibilityNanos > 0) {
      hide(message, now + visibilityNanos);
    } else {
      appear(message, now);
    }
    return message;
  }

  void delete(WireMessage message, long now) {
    message.deleted = true;
    if (message.invisible) {
      unlink(message);
    } else {
      visible--;
    }
    state.messages.remove(message.sequence);
    state.journal.deleted(message.sequence, now);
  }

  /** The caller then serves the waiting receives. */
  void changeVisibility(WireMessage message, long now, long visibilityNanos) {
    unlink(message);
    if (visibilityNanos > 0) {
      hide(message, now + visibilityNanos);
    } else {
      appear(message, now);
    }
  }

  void purge(long now) {
    for (WireMessage message = line.poll(); message != null; message = line.poll()) {
      if (!message.deleted) {
        delete(message, now);
      }
    }
    while (first != null) {
      delete(first, now);
    }
  }

  void serveWaiting(long now) {
    while (hasVisible() && !waiting.isEmpty()) {
      waiting.remove().handOut(this, now);
    }
  }

  /** Makes visible what is due and sees to being called again for the next. */
  void expire(long now) {
    check = null;
    while (first != null && first.visibleAgainAt - now <= 0) {
      WireMessage due = first;
      unlink(due);
      appear(due, now);
    }
    scheduleCheck();
    serveWaiting(now);
  }

  private void appear(WireMessage message, long now) {
    line.add(message);
    visible++;
    state.journal.visible(message.sequence, now);
  }

  private void hide(WireMessage message, long until) {
    message.invisible = true;
    message.visibleAgainAt = until;
    WireMessage before = last;
    while (before != null && before.visibleAgainAt - until > 0) {
      before = before.before;
    }
    WireMessage after = before == null ? first : before.after;
    message.before = before;
    message.after = after;
    if (before == null) {
      first = message;
    } else {
      before.after = message;
    }
    if (after == null) {
      last = message;
    } else {
      after.before = message;
    }
    invisible++;
    scheduleCheck();
  }

  private void unlink(WireMessage message) {
    WireMessage before = message.before;
    WireMessage after = message.after;
    if (before == null) {
      first = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.before = before;
    }
    message.before = null;
    message.after = null;
    message.invisible = false;
    invisible--;
  }

  /**
   * One timer a queue suffices: one that is early looks again, and messages deleted in time cost
   * none.
   */
  private void scheduleCheck() {
    Timers.Timer standing = check;
    if (first == null || (standing != null && standing.nanos - first.visibleAgainAt <= 0)) {
      return;
    }
    if (standing != null) {
      standing.cancel();
    }
    check = state.timers.at(first.visibleAgainAt, this::expire);
  }
}
