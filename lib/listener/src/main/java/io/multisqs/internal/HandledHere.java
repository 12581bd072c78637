package io.multisqs.internal;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Messages that were handled here lately: when one returns, as its delete was not confirmed or came
 * too late, it is deleted and not handled again (I10). Bounded; the oldest are forgotten first.
 * Guarded by the board's lock.
 */
final class HandledHere {
  /**
   * Those that surely return, when their visibility timeout runs out: an hour of failed deletes.
   */
  private static final int MOST_UNCONFIRMED = 10_000;

  /**
   * Those that hardly ever do: a second copy that was on its way when the delete was confirmed. As
   * every message is one of them, they are forgotten by the half, which is cheaper than one by one;
   * the latest half is always known.
   */
  private static final int MOST_CONFIRMED = 1_000;

  /** By message id, which is SQS's alone; one that SQS moves to another queue keeps it. */
  private final Map<String, Lane> unconfirmed =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Lane> eldest) {
          return size() > MOST_UNCONFIRMED;
        }
      };

  private Map<String, Lane> confirmed = new HashMap<>();
  private Map<String, Lane> confirmedBefore = new HashMap<>();

  void remember(Delivery delivery, boolean deleteConfirmed) {
    if (!unconfirmed.isEmpty()) {
      unconfirmed.remove(delivery.id(), delivery.lane);
    }
    if (!deleteConfirmed) {
      unconfirmed.put(delivery.id(), delivery.lane);
      return;
    }
    if (confirmed.size() >= MOST_CONFIRMED / 2) {
      Map<String, Lane> oldest = confirmedBefore;
      confirmedBefore = confirmed;
      oldest.clear();
      confirmed = oldest;
    }
    confirmed.put(delivery.id(), delivery.lane);
  }

  boolean knows(Lane lane, String messageId) {
    return awaitsConfirmation(lane, messageId)
        || confirmed.get(messageId) == lane
        || confirmedBefore.get(messageId) == lane;
  }

  /**
   * Whether it was handled, and its delete never confirmed. Most often there is none, and nothing
   * is looked up.
   */
  boolean awaitsConfirmation(Lane lane, String messageId) {
    return !unconfirmed.isEmpty() && unconfirmed.get(messageId) == lane;
  }
}
