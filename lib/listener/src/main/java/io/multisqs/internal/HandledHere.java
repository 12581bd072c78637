package io.multisqs.internal;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Messages that were handled here lately: when one returns, as its delete was not confirmed or came
 * too late, it is deleted and not handled again (I10). Bounded; the oldest is forgotten first.
 * Guarded by the board's lock.
 */
final class HandledHere {
  /**
   * Those that surely return, when their visibility timeout runs out: an hour of failed deletes.
   */
  private static final int MOST_UNCONFIRMED = 10_000;

  /** Those that hardly ever do: a second copy that was on its way when the delete was confirmed. */
  private static final int MOST_CONFIRMED = 1_000;

  private record Key(Lane lane, String messageId) {}

  private final Set<Key> unconfirmed = bounded(MOST_UNCONFIRMED);
  private final Set<Key> confirmed = bounded(MOST_CONFIRMED);

  private static Set<Key> bounded(int most) {
    return Collections.newSetFromMap(
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
            return size() > most;
          }
        });
  }

  void remember(Delivery delivery, boolean deleteConfirmed) {
    Key key = new Key(delivery.lane, delivery.id());
    if (!unconfirmed.isEmpty()) {
      unconfirmed.remove(key);
    }
    (deleteConfirmed ? confirmed : unconfirmed).add(key);
  }

  boolean knows(Lane lane, String messageId) {
    return awaitsConfirmation(lane, messageId) || confirmed.contains(new Key(lane, messageId));
  }

  /**
   * Whether it was handled, and its delete never confirmed. Most often there is none, and no
   * message's id is hashed for it.
   */
  boolean awaitsConfirmation(Lane lane, String messageId) {
    return !unconfirmed.isEmpty() && unconfirmed.contains(new Key(lane, messageId));
  }
}
